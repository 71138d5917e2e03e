import type { Clock } from '../clock';
import { createSnapshotFeed, type SnapshotFeed } from './snapshot-feed';

interface Sources<T> {
  clock: Clock;
  subscribe(id: string, signal: AbortSignal): { next(): Promise<void> };
  read(id: string): Promise<T>;
  /** Least time between two reads of one. */
  intervalMs: number;
  onError(error: unknown): void;
}

/** A picture per id, from its first follower to its last. */
export function createSnapshotFeeds<T>(
  sources: Sources<T>,
): (id: string, signal: AbortSignal) => AsyncIterable<T> {
  const open = new Map<string, { feed: SnapshotFeed<T>; ending: AbortController; followers: number }>();

  function enter(id: string) {
    const known = open.get(id);
    if (known) return known;
    const ending = new AbortController();
    const feed = createSnapshotFeed({
      ...sources,
      subscribe: (signal) => sources.subscribe(id, signal),
      read: () => sources.read(id),
      signal: ending.signal,
    });
    const entry = { feed, ending, followers: 0 };
    open.set(id, entry);
    return entry;
  }

  return async function* follow(id, signal) {
    const entry = enter(id);
    entry.followers += 1;
    try {
      for await (const { value } of entry.feed.follow(signal)) yield value;
    } finally {
      entry.followers -= 1;
      if (entry.followers === 0) {
        entry.ending.abort();
        open.delete(id);
      }
    }
  };
}
