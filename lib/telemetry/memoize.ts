import type { Clock } from '../clock';

/** Reads again only what is older than that, failures included: a crowd of readers costs one reading. */
export function memoize<Given extends unknown[], T>(
  { clock }: { clock: Clock },
  maxAgeMs: number,
  read: (...parameters: Given) => Promise<T>,
): (...parameters: Given) => Promise<T> {
  let last: { atMs: number; value: Promise<T> } | null = null;
  return (...parameters) => {
    const nowMs = clock.monotonicMs();
    if (!last || nowMs - last.atMs >= maxAgeMs) last = { atMs: nowMs, value: read(...parameters) };
    return last.value;
  };
}
