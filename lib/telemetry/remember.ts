import type { Clock } from '../clock';

/** Reads again only what is older than that, failures included: a crowd of readers costs one reading. */
export function remember<Given extends unknown[], T>(
  { clock }: { clock: Clock },
  maxAgeMs: number,
  read: (...given: Given) => Promise<T>,
): (...given: Given) => Promise<T> {
  let last: { atMs: number; value: Promise<T> } | null = null;
  return (...given) => {
    const nowMs = clock.monotonicMs();
    if (!last || nowMs - last.atMs >= maxAgeMs) last = { atMs: nowMs, value: read(...given) };
    return last.value;
  };
}
