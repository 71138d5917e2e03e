import type { StreamSubscription } from '@/lib/model/stream-subscription';

/** Requests the stream of subscriptions as the signed-in person. */
export function requestSubscriptions(
  subscriptions: StreamSubscription[],
  signal: AbortSignal,
): Promise<Response> {
  return fetch('/api/v1/streams', {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ subscriptions }),
    cache: 'no-store',
    signal,
  });
}
