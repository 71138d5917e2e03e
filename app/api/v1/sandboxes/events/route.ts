import { environmentFrames } from '@/lib/http/environment-frames';
import { followInventory } from '@/lib/http/operations/sandboxes';
import { sseResponse } from '@/lib/http/sse';
import { route } from '@/lib/server';

/** The inventory now and after every change, and what its containers use. */
export const GET = route(followInventory, async ({ context }) =>
  sseResponse(context, (signal) => environmentFrames(context.environments.follow(signal))),
);
