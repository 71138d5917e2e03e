import type { Clock } from '../../clock';
import type { OutputLine } from '../../model/log-line';
import type { FrameStream } from './frames';

/** Lines that wait for a moment, because one of the other stream that was printed before them may still come. */
export interface HeldLines {
  /** False when lines of the other stream are held: nobody can tell which of them was printed first. */
  add(stream: FrameStream, lines: OutputLine[]): boolean;
  /** Gives all that is held; afterwards nothing is released any more. */
  takeAll(): OutputLine[];
}

/** Docker's two copies of a container's output are seldom so far apart. */
const holdMs = 50;
/** Of a flood no more is held: it has one stream, or both are here at once. */
const maxHeldLines = 5_000;

/** `release` gets lines in the order in which they were added, once they were held long enough. */
export function createHeldLines(
  { clock }: { clock: Clock },
  release: (lines: OutputLine[]) => void,
): HeldLines {
  let held: { atMs: number; stream: FrameStream; lines: OutputLine[] }[] = [];
  let count = 0;
  let isWatching = false;
  const over = new AbortController();

  function releaseUntil(atMs: number): void {
    const first = held.findIndex((each) => each.atMs > atMs);
    const released = held.splice(0, first < 0 ? held.length : first).flatMap(({ lines }) => lines);
    count -= released.length;
    if (released.length > 0) release(released);
  }

  async function watch(): Promise<void> {
    while (held[0] && !over.signal.aborted) {
      await clock.sleep(held[0].atMs + holdMs - clock.monotonicMs(), over.signal);
      if (!over.signal.aborted) releaseUntil(clock.monotonicMs() - holdMs);
    }
    isWatching = false;
  }

  return {
    add(stream, lines) {
      if (lines.length === 0) return true;
      releaseUntil(clock.monotonicMs() - holdMs);
      if (held[0] && held[0].stream !== stream) return false;
      held.push({ atMs: clock.monotonicMs(), stream, lines });
      count += lines.length;
      if (count > maxHeldLines) releaseUntil(Number.POSITIVE_INFINITY);
      else if (!isWatching) {
        isWatching = true;
        void watch();
      }
      return true;
    },
    takeAll() {
      over.abort();
      const all = held.flatMap(({ lines }) => lines);
      held = [];
      count = 0;
      return all;
    },
  };
}
