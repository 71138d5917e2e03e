import { listAgents } from '@/lib/http/operations/agents';
import { route } from '@/lib/server';

export const GET = route(listAgents, async ({ context }) =>
  Response.json({ items: await context.store.agents.list(3 * context.config.agentHeartbeatMs) }),
);
