import { ownAgent } from '@/lib/http/agents/agent-access';
import { heartbeatRequest } from '@/lib/model/agent';
import { route } from '@/lib/server';

export const POST = route(
  {
    access: 'agent',
    audit: { action: 'agent.control', subject: 'agent', isRoutine: true },
    body: heartbeatRequest,
  },
  async ({ context, principal, params, body }) => {
    const { id } = await ownAgent(context, principal, params.id ?? '');
    const answer = await context.store.agents.heartbeat(id, {
      ...body,
      stopping: body.stopping ?? false,
      environments: body.environments ?? [],
    });
    return Response.json({ ...answer, now: context.clock.now().toISOString() });
  },
);
