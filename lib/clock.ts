/**
 * The one source of time. Everything in `lib` waits and reads the time through a Clock, so that tests
 * advance time instead of sleeping.
 */
export interface Clock {
  now(): Date;
  /** Milliseconds from an arbitrary start that never jumps; for measuring durations. */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal is or becomes aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      // Node fires a timer of more than 2^31-1 ms at once.
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Waits for the event, at most `ms` milliseconds. Rejects as the event does. */
export async function waitAtMost(clock: Clock, ms: number, event: Promise<unknown>): Promise<void> {
  await withDeadline(clock, ms, event, null);
}

/** Resolves as the work does, or with `late` when that takes longer than `ms` milliseconds. Rejects as the work does. */
export async function withDeadline<T, Late>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  late: Late,
): Promise<T | Late> {
  const settled = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, settled.signal).then(() => late)]);
  } finally {
    settled.abort();
  }
}

/** Resolves once the signal is aborted, at once when it is. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
