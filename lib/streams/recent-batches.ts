import { type Batch, makeBatch } from './batch';
import type { Numbered } from './follow';

export interface RecentBatches<T extends Numbered> {
  /** It has to follow the newest one without a gap. */
  add(batch: Batch<T>): void;
  /** Returns the items after `seq`, up to the end of one batch; null when they are no longer here. */
  after(seq: number): Batch<T> | null;
  clear(): void;
}

const maxItems = 10_000;
const maxWeight = 4_000_000;

/** The newest batches, within limits; at least one. */
export function createRecentBatches<T extends Numbered>(weigh: (item: T) => number): RecentBatches<T> {
  let kept: { batch: Batch<T>; weight: number }[] = [];
  let items = 0;
  let weight = 0;

  return {
    add(batch) {
      const added = { batch, weight: batch.items.reduce((sum, item) => sum + weigh(item), 0) };
      kept.push(added);
      items += batch.items.length;
      weight += added.weight;
      while (kept.length > 1 && (items > maxItems || weight > maxWeight)) {
        const oldest = kept.shift();
        items -= oldest?.batch.items.length ?? 0;
        weight -= oldest?.weight ?? 0;
      }
    },
    after(seq) {
      const oldest = kept[0]?.batch;
      if (!oldest || seq + 1 < oldest.firstSeq) return null;
      const batch = find(kept, seq);
      if (!batch || batch.firstSeq === seq + 1) return batch;
      return makeBatch(batch.items.slice(seq + 1 - batch.firstSeq));
    },
    clear() {
      kept = [];
      items = 0;
      weight = 0;
    },
  };
}

/** The batch that holds `seq + 1`, by bisection. */
function find<T extends Numbered>(kept: { batch: Batch<T> }[], seq: number): Batch<T> | null {
  let low = 0;
  let high = kept.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.batch.lastSeq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  const batch = kept[low]?.batch;
  return batch && batch.lastSeq > seq ? batch : null;
}
