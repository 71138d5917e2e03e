import { ownAgent } from '@/lib/http/agents/agent-access';
import { sendHeartbeat } from '@/lib/http/operations/agents';
import { route } from '@/lib/server';

export const POST = route(sendHeartbeat, async ({ context, principal, params, body }) => {
  const { id } = await ownAgent(context, principal, params.id ?? '');
  const answer = await context.store.agents.heartbeat(id, {
    ...body,
    stopping: body.stopping ?? false,
    environments: body.environments ?? [],
  });
  return Response.json({ ...answer, now: context.clock.now().toISOString() });
});
