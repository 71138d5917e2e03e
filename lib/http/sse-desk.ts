import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';

/** Frames as a route makes them; ends when the signal does. */
export type OpenFrames = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/**
 * Where streams wait between the route that opened them and the socket they are written to. Through Next a client
 * costs several times the memory and the time, so a route only checks who asks and what for, and names its stream
 * in the header `streamHeader`; `lib/cli/serve.mjs` sees the name and hands the raw response over.
 */
export interface SseDesk {
  /** The name of a stream that begins when it is sent. Forgotten when nobody sends it within half a minute. */
  register(open: OpenFrames): string;
  /**
   * Writes the frames as fast as the client reads, a ping whenever 15 s pass without one, and `event: end` after
   * the last. A client that takes nothing for half a minute is let go, and so are all when the server stops:
   * without an end, so that they come back and go on where they were. Never rejects.
   */
  send(name: string, response: ServerResponse): Promise<void>;
  /** How many are being sent. */
  openStreams(): number;
}

interface Sending {
  response: ServerResponse;
  left: AbortController;
  /** In the clock's monotonic milliseconds. */
  lastWriteMs: number;
  isBlocked: boolean;
}

export const streamHeader = 'x-gantry-stream';

const pingMs = 15_000;
const stallMs = 30_000;
const lookMs = 1_000;
/** Whoever takes this much within `stallMs` is slow and not gone, however large the frame. */
const pieceBytes = 64 * 1024;
const encoder = new TextEncoder();
const ping = encoder.encode(': ping\n\n');
const end = encoder.encode('event: end\ndata: {}\n\n');

export function createSseDesk(
  { clock, logger }: { clock: Clock; logger: Logger },
  closing: AbortSignal,
): SseDesk {
  const waiting = new Map<string, { open: OpenFrames; sinceMs: number }>();
  const sending = new Set<Sending>();
  let isLooking = false;
  closing.addEventListener('abort', () => {
    for (const { left } of sending) left.abort();
  });

  /** One timer for all streams, as long as there are any. */
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    while (sending.size + waiting.size > 0 && !closing.aborted) {
      await clock.sleep(lookMs, closing);
      const nowMs = clock.monotonicMs();
      for (const [name, { sinceMs }] of waiting) if (nowMs - sinceMs >= stallMs) waiting.delete(name);
      for (const each of sending) {
        const quietMs = nowMs - each.lastWriteMs;
        if (each.isBlocked && quietMs >= stallMs) each.response.destroy();
        else if (!each.isBlocked && quietMs >= pingMs) void write(each, ping);
      }
    }
    isLooking = false;
  }

  /** Resolves when the client has room for more, or has left. */
  async function write(to: Sending, chunk: Uint8Array | string): Promise<void> {
    to.lastWriteMs = clock.monotonicMs();
    if (to.response.write(chunk)) return;
    to.isBlocked = true;
    await new Promise<void>((resolve) => {
      const go = () => {
        to.response.off('drain', go);
        to.left.signal.removeEventListener('abort', go);
        resolve();
      };
      to.response.on('drain', go);
      to.left.signal.addEventListener('abort', go);
      if (to.left.signal.aborted) go();
    });
    to.isBlocked = false;
  }

  async function sendFrames(to: Sending, open: OpenFrames): Promise<void> {
    const { signal } = to.left;
    // Spreads the reconnects of many clients over two seconds after a restart.
    await write(to, `retry: ${1_000 + Math.floor(Math.random() * 2_000)}\n\n`);
    for await (const chunk of open(signal)) {
      for (let start = 0; start < chunk.length && !signal.aborted; start += pieceBytes) {
        await write(to, chunk.subarray(start, start + pieceBytes));
      }
      if (signal.aborted) return;
    }
    if (!signal.aborted) await write(to, end);
  }

  return {
    openStreams: () => sending.size,
    register(open) {
      const name = randomUUID();
      waiting.set(name, { open, sinceMs: clock.monotonicMs() });
      void look();
      return name;
    },
    async send(name, response) {
      const open = waiting.get(name)?.open;
      waiting.delete(name);
      // Not a head that promises a stream and then nothing: the connection breaks, and the client comes again.
      if (!open || closing.aborted || response.destroyed) return void response.destroy();
      const left = new AbortController();
      const to: Sending = { response, left, lastWriteMs: clock.monotonicMs(), isBlocked: false };
      response.on('close', () => left.abort());
      sending.add(to);
      void look();
      try {
        await sendFrames(to, open);
        response.end();
      } catch (error) {
        // The client comes back, and the route tells it.
        logger.warn({ error: messageOf(error) }, 'a stream ended early');
        response.destroy();
      } finally {
        left.abort();
        sending.delete(to);
      }
    },
  };
}
