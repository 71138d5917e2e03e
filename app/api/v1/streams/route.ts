import { streamRoutes } from '@/app/api/stream-routes';
import { streamSubscriptions } from '@/lib/http/operations/streams';
import { streamOfSubscriptions } from '@/lib/http/stream-subscriptions';
import { route } from '@/lib/server';

/** The streams of all tabs of a browser in one. */
export const POST = route(streamSubscriptions, async ({ context, request, principal, body }) =>
  streamOfSubscriptions(context, streamRoutes, { request, principal, subscriptions: body.subscriptions }),
);
