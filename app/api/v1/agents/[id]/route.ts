import { deleteAgent } from '@/lib/http/operations/agents';
import { route } from '@/lib/server';

export const DELETE = route(deleteAgent, async ({ context, params }) => {
  await context.store.agents.remove(params.id ?? '');
  return new Response(null, { status: 204 });
});
