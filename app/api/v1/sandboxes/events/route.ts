import { environmentFrames } from '@/lib/http/environment-frames';
import { streamEnvironments } from '@/lib/http/operations/sandboxes';
import { frameStream } from '@/lib/http/sse';
import { route } from '@/lib/server';

/** The inventory now and after every change, and what its containers use. */
export const GET = route(streamEnvironments, async ({ context, principal }) =>
  frameStream(principal, (signal) => environmentFrames(context.environments.follow(signal))),
);
