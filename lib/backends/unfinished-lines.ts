import type { Clock } from '../clock';
import type { LogStream, UnfinishedLine } from '../model/log-line';

export interface UnfinishedLines {
  /** Every byte of the stream, in order, in pieces of any size. */
  push(stream: LogStream, chunk: Uint8Array): void;
  /** Nothing is reported any more. */
  stop(): void;
}

const newline = 0x0a;
/** A line is unfinished when it has been so for so long; it is reported again at most as often. */
const reportEveryMs = 200;
const maxTailBytes = 8_192;

/**
 * Reports the unfinished line of each stream whenever it has changed: its last state where `\r` rewrites it, at most
 * 8 KiB, and an empty text once it has ended after it was reported.
 */
export function createUnfinishedLines(
  { clock }: { clock: Clock },
  onUnfinished: (line: UnfinishedLine) => void,
): UnfinishedLines {
  const tails = new Map<LogStream, Tail>();
  const over = new AbortController();
  let isWatching = false;

  async function watch(): Promise<void> {
    while (!over.signal.aborted && [...tails.values()].some((tail) => tail.isOpen())) {
      await clock.sleep(reportEveryMs, over.signal);
      if (over.signal.aborted) return;
      for (const [stream, tail] of tails) {
        const text = tail.changedText(clock.monotonicMs() - reportEveryMs);
        if (text !== null) onUnfinished({ stream, text });
      }
    }
    isWatching = false;
  }

  return {
    push(stream, chunk) {
      const tail = tails.get(stream) ?? createTail();
      tails.set(stream, tail);
      tail.push(chunk, clock.monotonicMs());
      if (isWatching || !tail.isOpen()) return;
      isWatching = true;
      void watch();
    },
    stop: () => over.abort(),
  };
}

interface Tail {
  push(chunk: Uint8Array, nowMs: number): void;
  /** There is an unfinished line, or one was reported that has ended since. */
  isOpen(): boolean;
  /** The text to report, for a line that was begun by then; null when there is nothing new. */
  changedText(begunByMs: number): string | null;
}

function createTail(): Tail {
  let bytes = Buffer.alloc(0);
  let sinceMs = 0;
  let reported = '';
  return {
    push(chunk, nowMs) {
      const end = chunk.lastIndexOf(newline);
      const rest = chunk.subarray(end + 1);
      if (end >= 0 || bytes.length === 0) sinceMs = nowMs;
      if (end >= 0) bytes = Buffer.alloc(0);
      if (rest.length > 0) bytes = Buffer.from(Buffer.concat([bytes, rest]).subarray(-maxTailBytes));
    },
    isOpen: () => bytes.length > 0 || reported !== '',
    changedText(begunByMs) {
      if (bytes.length > 0 && sinceMs > begunByMs) return null;
      const text = lastState(bytes.toString('utf8').replaceAll('\0', '␀'));
      if (text === reported) return null;
      reported = text;
      return text;
    },
  };
}

/** What a terminal shows of a line that `\r` rewrites, where the last state is as long as those before. */
export function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  return end === 0 ? '' : line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}
