import type { Clock } from '../clock';

export interface Snapshot<T> {
  version: number;
  value: T;
}

export interface SnapshotFeed<T> {
  current(): Promise<T>;
  /** The newest snapshot now and after every change. A slow reader skips those in between. */
  follow(signal: AbortSignal): AsyncIterable<Snapshot<T>>;
}

interface Source<T> {
  clock: Clock;
  subscribe(signal: AbortSignal): { next(): Promise<void> };
  read(): Promise<T>;
  /** Least time between a read and the next one; a large picture may be drawn less often. */
  intervalMs: number | ((value: T) => number);
  /** Ends the feed. */
  signal: AbortSignal;
  onError(error: unknown): void;
}

/**
 * One picture of something that changes, kept in memory as long as somebody follows it: it is read once per change
 * and interval, whatever the number of readers.
 */
export function createSnapshotFeed<T>(source: Source<T>): SnapshotFeed<T> {
  let snapshot: Snapshot<T> | null = null;
  let version = 0;
  let followers = 0;
  let reading = new AbortController();
  const waiting = new Set<() => void>();

  async function run(signal: AbortSignal): Promise<void> {
    const subscription = source.subscribe(signal);
    while (!signal.aborted) {
      try {
        const value = await source.read();
        if (signal.aborted) return;
        version += 1;
        snapshot = { version, value };
        for (const wake of [...waiting]) wake();
        await subscription.next();
        const { intervalMs } = source;
        await source.clock.sleep(typeof intervalMs === 'number' ? intervalMs : intervalMs(value), signal);
      } catch (error) {
        source.onError(error);
        await source.clock.sleep(1_000, signal);
      }
    }
  }

  function join(): void {
    followers += 1;
    if (followers > 1) return;
    reading = new AbortController();
    void run(AbortSignal.any([reading.signal, source.signal]));
  }

  /** What is kept grows old when nobody looks: whoever comes next waits for a new picture. */
  function leave(): void {
    followers -= 1;
    if (followers > 0) return;
    reading.abort();
    snapshot = null;
  }

  function changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        source.signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      source.signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted || source.signal.aborted) wake();
    });
  }

  return {
    current: () => source.read(),
    async *follow(signal) {
      let seen = 0;
      join();
      try {
        while (!signal.aborted && !source.signal.aborted) {
          if (snapshot && snapshot.version !== seen) {
            seen = snapshot.version;
            yield snapshot;
          } else {
            await changed(signal);
          }
        }
      } finally {
        leave();
      }
    },
  };
}
