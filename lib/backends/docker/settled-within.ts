import type { Clock } from '../../clock';

/** What has become of a promise after at most so long. */
export async function settledWithin(
  clock: Clock,
  promise: Promise<unknown>,
  limitMs: number,
  signal?: AbortSignal,
): Promise<'resolved' | 'rejected' | 'pending'> {
  const settled = new AbortController();
  const stop = signal ? AbortSignal.any([settled.signal, signal]) : settled.signal;
  try {
    return await Promise.race([
      promise.then(
        () => 'resolved' as const,
        () => 'rejected' as const,
      ),
      clock.sleep(limitMs, stop).then(() => 'pending' as const),
    ]);
  } finally {
    settled.abort();
  }
}
