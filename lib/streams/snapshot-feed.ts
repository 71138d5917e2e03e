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
  listen(signal: AbortSignal): { rung(): Promise<void> };
  read(): Promise<T>;
  /** Least time between two reads. */
  intervalMs: number;
  /** Ends the feed. */
  signal: AbortSignal;
  onError(error: unknown): void;
}

/**
 * One picture of something that changes, kept in memory: it is read once per change and interval, whatever the
 * number of readers.
 */
export function createSnapshotFeed<T>(source: Source<T>): SnapshotFeed<T> {
  let snapshot: Snapshot<T> | null = null;
  const waiting = new Set<() => void>();
  let isRunning = false;

  async function run(): Promise<void> {
    const bell = source.listen(source.signal);
    while (!source.signal.aborted) {
      try {
        const value = await source.read();
        snapshot = { version: (snapshot?.version ?? 0) + 1, value };
        for (const wake of [...waiting]) wake();
        await bell.rung();
        await source.clock.sleep(source.intervalMs, source.signal);
      } catch (error) {
        source.onError(error);
        await source.clock.sleep(1_000, source.signal);
      }
    }
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
      if (!isRunning) void run();
      isRunning = true;
      let seen = 0;
      while (!signal.aborted && !source.signal.aborted) {
        if (snapshot && snapshot.version !== seen) {
          seen = snapshot.version;
          yield snapshot;
        } else {
          await changed(signal);
        }
      }
    },
  };
}
