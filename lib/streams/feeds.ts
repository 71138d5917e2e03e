import type { Clock } from '../clock';
import type { Batch } from './batch';
import { createFeed, type Feed } from './feed';
import type { Numbered, StreamSource } from './follow';
import type { Turn } from './own-pages';

export interface Feeds<T extends Numbered> {
  follow(id: string, cursor: number, signal: AbortSignal, turn?: Turn): AsyncGenerator<Batch<T>>;
}

/** A feed per id, from its first subscriber to its last. */
export function createFeeds<T extends Numbered>(
  { clock }: { clock: Clock },
  sourceOf: (id: string) => StreamSource<T>,
  weigh: (item: T) => number,
): Feeds<T> {
  const open = new Map<string, { feed: Feed<T>; ending: AbortController; subscribers: number }>();

  function enter(id: string) {
    const known = open.get(id);
    if (known) return known;
    const ending = new AbortController();
    const feed = createFeed({ clock }, sourceOf(id), { weigh, signal: ending.signal });
    const entry = { feed, ending, subscribers: 0 };
    open.set(id, entry);
    return entry;
  }

  return {
    async *follow(id, cursor, signal, turn) {
      const entry = enter(id);
      entry.subscribers += 1;
      try {
        yield* entry.feed.follow(cursor, signal, turn);
      } finally {
        entry.subscribers -= 1;
        if (entry.subscribers === 0) {
          entry.ending.abort();
          open.delete(id);
        }
      }
    },
  };
}
