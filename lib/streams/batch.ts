import type { Numbered } from './follow';

/** Consecutive items that many subscribers get as one object. */
export interface Batch<T extends Numbered> {
  readonly items: readonly T[];
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export function makeBatch<T extends Numbered>(items: readonly T[]): Batch<T> | null {
  const [first] = items;
  const last = items.at(-1);
  return first && last ? { items, firstSeq: first.seq, lastSeq: last.seq } : null;
}

/**
 * Makes an encoding that is done once per batch, however many subscribers ask: a thousand clients then share one
 * buffer. It is kept as long as the batch is.
 */
export function oncePerBatch<T extends Numbered, E>(
  encode: (items: readonly T[]) => E,
): (batch: Batch<T>) => E {
  const known = new WeakMap<Batch<T>, { encoded: E }>();
  return (batch) => {
    const before = known.get(batch);
    if (before) return before.encoded;
    const encoded = encode(batch.items);
    known.set(batch, { encoded });
    return encoded;
  };
}
