import { tokenOf } from '@/lib/http/agents/agent-access';
import { registerAgent } from '@/lib/http/operations/agents';
import { route } from '@/lib/server';

export const POST = route(registerAgent, async ({ context, principal, body, audit }) => {
  await context.store.agents.register(body, tokenOf(principal));
  const { agentId: id, tags, capacity, version } = body;
  await audit.recordAfter({ subject: { kind: 'agent', id }, detail: { tags, capacity, version } });
  return Response.json({
    agentId: body.agentId,
    installation: context.store.installation.id,
    leaseMs: context.config.agentLeaseMs,
    heartbeatMs: context.config.agentHeartbeatMs,
    now: context.clock.now().toISOString(),
  });
});
