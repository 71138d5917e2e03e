import { route } from '@/lib/server';

export const POST = route(
  { access: 'member', audit: { action: 'execution.cancel', subject: 'execution' } },
  async ({ context, params, principal }) =>
    Response.json(await context.engine.cancel(params.id ?? '', principal.name), { status: 202 }),
);
