import type { StreamTopic } from '@/lib/model/stream-topic';

/** Requests the stream of topics as the signed-in person. */
export function requestTopics(topics: StreamTopic[], signal: AbortSignal): Promise<Response> {
  return fetch('/api/v1/streams', {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ topics }),
    cache: 'no-store',
    signal,
  });
}
