import { streamRoutes } from '@/app/api/stream-routes';
import { streamTopics } from '@/lib/http/operations/streams';
import { streamOfTopics } from '@/lib/http/stream-topics';
import { route } from '@/lib/server';

/** The streams of all tabs of a browser in one. */
export const POST = route(streamTopics, async ({ context, request, principal, body }) =>
  streamOfTopics(context, streamRoutes, { request, principal, topics: body.topics }),
);
