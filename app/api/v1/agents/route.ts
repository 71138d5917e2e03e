import { listAgents } from '@/lib/http/operations/agents';
import { visibleAgents } from '@/lib/http/visible';
import { route } from '@/lib/server';

export const GET = route(listAgents, async ({ context, suites }) =>
  Response.json({
    items: await visibleAgents(
      context.store,
      await context.store.agents.list(3 * context.config.agentHeartbeatMs),
      suites,
    ),
  }),
);
