import type { Clock } from '../clock';
import { byteStream } from './byte-stream';

const pingMs = 15_000;
const encoder = new TextEncoder();
const ping = encoder.encode(': ping\n\n');
const end = encoder.encode('event: end\ndata: {}\n\n');

/** One item as Server-Sent Events say it: `id` is where to go on, there is no event name. */
export function frame(id: number, json: string): string {
  return `id: ${id}\ndata: ${json}\n\n`;
}

/**
 * Answers with frames as they come, a ping whenever 15 s pass without one, and `event: end` after the last.
 * Frames are taken from the source only as fast as the client reads them. Ends without `event: end` when
 * `closing` or the request's own signal does, so that the client comes back.
 */
export function sseResponse(
  { clock, closing }: { clock: Clock; closing: AbortSignal },
  request: Request,
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Response {
  const gone = AbortSignal.any([closing, request.signal]);
  return new Response(byteStream(withPings(clock, open, gone)), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // no-transform: Next would compress the stream; x-accel-buffering: nginx would hold it back.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

/** What a client gets that has seen everything of a finished execution. EventSource stops on it. */
export function nothingMore(): Response {
  return new Response(null, { status: 204 });
}

async function* withPings(
  clock: Clock,
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  gone: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // Spreads the reconnects of many clients over half a second after a restart.
  yield encoder.encode(`retry: ${1_000 + Math.floor(Math.random() * 500)}\n\n`);
  const left = new AbortController();
  const signal = AbortSignal.any([gone, left.signal]);
  const frames = open(signal)[Symbol.asyncIterator]();
  try {
    let next = frames.next();
    for (;;) {
      const quiet = new AbortController();
      const result = await Promise.race([next, clock.sleep(pingMs, quiet.signal)]);
      quiet.abort();
      if (!result) {
        yield ping;
        continue;
      }
      if (result.done) break;
      yield result.value;
      next = frames.next();
    }
    if (!signal.aborted) yield end;
  } finally {
    left.abort();
    await frames.return?.();
  }
}
