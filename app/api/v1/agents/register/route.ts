import { tokenOf } from '@/lib/http/agents/agent-access';
import { agentRegistration } from '@/lib/model/agent';
import { route } from '@/lib/server';

export const POST = route(
  { access: 'agent', body: agentRegistration },
  async ({ context, principal, body }) => {
    await context.store.agents.register(body, tokenOf(principal));
    return Response.json({
      agentId: body.agentId,
      installation: context.store.installation.id,
      leaseMs: context.config.agentLeaseMs,
      heartbeatMs: context.config.agentHeartbeatMs,
      now: context.clock.now().toISOString(),
    });
  },
);
