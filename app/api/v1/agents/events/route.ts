import { agentFrames } from '@/lib/http/agents/agents-feed';
import { sseResponse } from '@/lib/http/sse';
import { route } from '@/lib/server';

/** All agents now and after every change. */
export const GET = route({ access: 'viewer', stream: true }, async ({ context }) =>
  sseResponse(context, (signal) => agentFrames(context.agents.follow(signal))),
);
