import { type Batch, makeBatch } from './batch';
import type { Numbered, StreamPage } from './follow';

/** Waits until a subscriber may read a page for itself. Resolves with what ends its turn. */
export type Turn = () => Promise<() => void>;

interface OwnPage<T extends Numbered> {
  page: StreamPage<T>;
  batch: Batch<T> | null;
}

/** Reads pages for subscribers who are further behind than what a feed keeps; those at the same place share one. */
export function createOwnPages<T extends Numbered>(readPage: (afterSeq: number) => Promise<StreamPage<T>>) {
  const reading = new Map<number, Promise<OwnPage<T>>>();

  function after(afterSeq: number): Promise<OwnPage<T>> {
    const known = reading.get(afterSeq);
    if (known) return known;
    const page = readPage(afterSeq)
      .then((read) => ({ page: read, batch: makeBatch(read.items) }))
      .finally(() => reading.delete(afterSeq));
    reading.set(afterSeq, page);
    return page;
  }

  return {
    after,
    /** The same in a turn: one caller with many such subscribers could fill the process with their pages. */
    async batchInTurn(afterSeq: number, turn: Turn): Promise<Batch<T> | null> {
      const leave = await turn();
      try {
        return (await after(afterSeq)).batch;
      } finally {
        leave();
      }
    },
  };
}
