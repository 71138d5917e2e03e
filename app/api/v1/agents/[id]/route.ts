import { route } from '@/lib/server';

export const DELETE = route(
  { access: 'admin', audit: { action: 'agent.remove', subject: 'agent' } },
  async ({ context, params }) => {
    await context.store.agents.remove(params.id ?? '');
    return new Response(null, { status: 204 });
  },
);
