import { agentFrames } from '@/lib/http/agents/agents-feed';
import { streamAgents } from '@/lib/http/operations/agents';
import { frameStream } from '@/lib/http/sse';
import { visibleAgentLists } from '@/lib/http/visible';
import { route } from '@/lib/server';

/** All agents now and after every change. */
export const GET = route(streamAgents, async ({ context, principal, suites }) =>
  frameStream(principal, (signal) =>
    agentFrames(visibleAgentLists(context.store, context.agents.follow(signal), suites)),
  ),
);
