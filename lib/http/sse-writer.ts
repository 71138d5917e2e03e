import type { Clock } from '../clock';
import type { Standing } from '../identity/principal';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { FrameStream } from './route-result';

/** Writes the streams of this process, whatever they are written to, and keeps watch over all of them. */
export interface SseWriter {
  /**
   * Writes the frames as fast as the client reads, a ping whenever 15 s pass without one, and `event: end` after the
   * last. A client that takes nothing for half a minute is disconnected. When the server stops, all streams end
   * without `event: end`, so that their clients come back and go on where they were.
   */
  open(stream: FrameStream, sink: StreamSink): OpenedStream;
  /** The number of streams that are being written. */
  openStreams(): number;
}

/** Where a stream is written to. */
export interface StreamSink {
  /** False: there is no room for more until `OpenedStream.onDrain` is called, which may be at once. */
  write(chunk: Uint8Array): boolean;
  /** Closes the stream after all that was written. */
  end(): void;
  /** Breaks the stream off: the client notices that it is not whole. */
  destroy(): void;
}

export interface OpenedStream {
  /** The client has room for more. */
  onDrain(): void;
  /** The client has left: nothing is written any more, and the source of the frames is closed. */
  onClose(): void;
}

/** The current rights of those tokens and sessions that are neither revoked nor expired. */
export type FindCallers = (
  ids: readonly string[],
) => Promise<ReadonlyMap<string, (suiteId: string | null) => string>>;

interface Writing {
  callerTokenId: string | null;
  callerStandings: readonly Standing[];
  sink: StreamSink;
  left: AbortController;
  /** In the clock's monotonic milliseconds. */
  lastWriteMs: number;
  isBlocked: boolean;
  /** Continues what waits for room. */
  wake: () => void;
}

const pingMs = 15_000;
const stallMs = 30_000;
/** How often callers are checked again: with a look of a second more, within 5 s. */
const recheckMs = 3_000;
const lookMs = 1_000;
/** A client that takes this much within `stallMs` is slow and not gone, however large the frame. */
const pieceBytes = 64 * 1024;
const encoder = new TextEncoder();
const ping = encoder.encode(': ping\n\n');
const end = encoder.encode('event: end\ndata: {}\n\n');

export function createSseWriter(
  { clock, logger, findCallers }: { clock: Clock; logger: Logger; findCallers: FindCallers },
  closing: AbortSignal,
): SseWriter {
  const open = new Set<Writing>();
  let isLooking = false;
  let isChecking = false;
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  closing.addEventListener('abort', () => {
    for (const each of open) stop(each);
  });

  /** Ends the streams of callers whose token or session is no longer valid, or whose rights have changed. Reconnecting tells them why. */
  async function checkCallers(): Promise<void> {
    if (isChecking) return;
    isChecking = true;
    checkedAtMs = clock.monotonicMs();
    try {
      const checked = [...open].filter(({ callerTokenId }) => callerTokenId !== null);
      const ids = new Set(checked.flatMap(({ callerTokenId }) => callerTokenId ?? []));
      if (ids.size === 0) return;
      const standings = await findCallers([...ids]);
      for (const each of checked) {
        const { callerTokenId, callerStandings } = each;
        const standingNow = standings.get(callerTokenId ?? '');
        const isSame =
          standingNow && callerStandings.every(({ suiteId, text }) => standingNow(suiteId) === text);
        if (!isSame) breakOff(each);
      }
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'the callers of streams could not be looked at');
    } finally {
      isChecking = false;
    }
  }

  /** One timer serves all streams, as long as there are any. */
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    while (open.size > 0 && !closing.aborted) {
      await clock.sleep(lookMs, closing);
      const nowMs = clock.monotonicMs();
      if (nowMs - checkedAtMs >= recheckMs) void checkCallers();
      for (const each of open) {
        const quietMs = nowMs - each.lastWriteMs;
        if (each.isBlocked && quietMs >= stallMs) breakOff(each);
        else if (!each.isBlocked && quietMs >= pingMs) hand(clock, each, ping);
      }
    }
    isLooking = false;
  }

  async function writeAll(to: Writing, stream: FrameStream): Promise<void> {
    try {
      await writeFrames(clock, to, stream);
      to.sink.end();
    } catch (error) {
      // The client comes back, and the route answers it with what is wrong.
      logger.warn({ error: messageOf(error) }, 'a stream ended early');
      to.sink.destroy();
    } finally {
      stop(to);
      open.delete(to);
    }
  }

  return {
    openStreams: () => open.size,
    open(stream, sink) {
      const to: Writing = {
        callerTokenId: stream.callerTokenId,
        callerStandings: stream.callerStandings,
        sink,
        left: new AbortController(),
        lastWriteMs: clock.monotonicMs(),
        isBlocked: false,
        wake: () => undefined,
      };
      // Not a head that promises a stream and then nothing: the connection breaks, and the client comes again.
      if (closing.aborted) sink.destroy();
      else {
        open.add(to);
        void look();
        void writeAll(to, stream);
      }
      return {
        onDrain() {
          to.isBlocked = false;
          to.wake();
        },
        onClose: () => stop(to),
      };
    },
  };
}

async function writeFrames(clock: Clock, to: Writing, { open }: FrameStream): Promise<void> {
  const { signal } = to.left;
  // Spreads the reconnects of many clients over two seconds after a restart.
  await write(clock, to, encoder.encode(`retry: ${1_000 + Math.floor(Math.random() * 2_000)}\n\n`));
  for await (const chunk of open(signal)) {
    for (let start = 0; start < chunk.length && !signal.aborted; start += pieceBytes) {
      await write(clock, to, chunk.subarray(start, start + pieceBytes));
    }
    if (signal.aborted) return;
  }
  if (!signal.aborted) await write(clock, to, end);
}

/** Resolves when the client has room for more, or has left. */
async function write(clock: Clock, to: Writing, chunk: Uint8Array): Promise<void> {
  hand(clock, to, chunk);
  if (!to.isBlocked || to.left.signal.aborted) return;
  await new Promise<void>((resolve) => {
    to.wake = resolve;
  });
}

function hand(clock: Clock, to: Writing, chunk: Uint8Array): void {
  to.lastWriteMs = clock.monotonicMs();
  // Before the write: room may be reported while it is under way.
  to.isBlocked = true;
  if (to.sink.write(chunk)) to.isBlocked = false;
}

function stop({ left, wake }: Writing): void {
  left.abort();
  wake();
}

/** Breaks the answer off too, so that a command whose output it shows ends with it. */
function breakOff(to: Writing): void {
  to.sink.destroy();
  stop(to);
}
