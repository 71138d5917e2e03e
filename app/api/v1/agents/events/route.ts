import { agentFrames } from '@/lib/http/agents/agents-feed';
import { streamAgents } from '@/lib/http/operations/agents';
import { frameStream } from '@/lib/http/sse';
import { route } from '@/lib/server';

/** All agents now and after every change. */
export const GET = route(streamAgents, async ({ context, principal }) =>
  frameStream(principal, (signal) => agentFrames(context.agents.follow(signal))),
);
