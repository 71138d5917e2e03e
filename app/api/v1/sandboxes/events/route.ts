import { environmentFrames } from '@/lib/http/environment-frames';
import { streamEnvironments } from '@/lib/http/operations/sandboxes';
import { frameStream } from '@/lib/http/sse';
import { visibleEnvironments } from '@/lib/http/visible';
import { route } from '@/lib/server';

/** The inventory now and after every change, and what its containers use. */
export const GET = route(streamEnvironments, async ({ context, principal, suites }) =>
  frameStream(principal, (signal) =>
    environmentFrames(visibleEnvironments(context.environments.follow(signal), suites)),
  ),
);
