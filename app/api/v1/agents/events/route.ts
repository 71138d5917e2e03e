import { agentFrames } from '@/lib/http/agents/agents-feed';
import { followAgents } from '@/lib/http/operations/agents';
import { sseResponse } from '@/lib/http/sse';
import { route } from '@/lib/server';

/** All agents now and after every change. */
export const GET = route(followAgents, async ({ context }) =>
  sseResponse(context, (signal) => agentFrames(context.agents.follow(signal))),
);
