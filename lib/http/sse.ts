import { type OpenFrames, type SseDesk, streamHeader } from './sse-desk';

/** One item as Server-Sent Events say it: `id` is where to go on, there is no event name. */
export function frame(id: number, json: string): string {
  return `id: ${id}\ndata: ${json}\n\n`;
}

/** Answers with frames as they come; see `SseDesk` for how they are sent. */
export function sseResponse({ sse }: { sse: SseDesk }, open: OpenFrames): Response {
  return new Response(null, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // no-transform: Next would compress the stream; x-accel-buffering: nginx would hold it back.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      [streamHeader]: sse.register(open),
    },
  });
}

/** What a client gets that has seen everything of a finished execution. EventSource stops on it. */
export function nothingMore(): Response {
  return new Response(null, { status: 204 });
}
