import { createLatchedSubscriptions } from '@/lib/store/latched-subscriptions';
import type { StreamPage, StreamSource } from '@/lib/streams/follow';

export interface Item {
  seq: number;
}

/** Rows in memory with a notifier; `pause` is awaited inside every read, before and after the rows are taken. */
export function scriptedSource(
  pageSize: number,
  pause: (what: string) => Promise<unknown> = async () => undefined,
) {
  const latches = createLatchedSubscriptions();
  const state = { rows: 0, isEnded: false, reads: 0 };
  const source: StreamSource<Item> = {
    async read(afterSeq): Promise<StreamPage<Item>> {
      state.reads += 1;
      await pause(`read after ${afterSeq}`);
      const { rows, isEnded } = state;
      const count = Math.max(0, Math.min(pageSize, rows - afterSeq));
      const items = Array.from({ length: count }, (_, index) => ({ seq: afterSeq + 1 + index }));
      const readTo = items.at(-1)?.seq ?? afterSeq;
      await pause(`answer to ${afterSeq}`);
      return { items, readTo, isAll: readTo >= rows, isEnded };
    },
    subscribe: (signal) => latches.subscribe('topic', signal),
  };
  return { source, state, ring: () => latches.notify('topic') };
}

export function upTo(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
