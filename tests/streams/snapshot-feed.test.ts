import { expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createSnapshotFeed } from '@/lib/streams/snapshot-feed';

/** A source whose listener can be rung, and that counts its reads. */
function openFeed() {
  const closing = new AbortController();
  const listening: AbortSignal[] = [];
  let wake = () => {};
  let reads = 0;
  const feed = createSnapshotFeed<number>({
    clock: systemClock,
    subscribe(signal) {
      listening.push(signal);
      return {
        next: () =>
          new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          }),
      };
    },
    read: async () => ++reads,
    intervalMs: 0,
    signal: closing.signal,
    onError: (error) => {
      throw error;
    },
  });
  return { feed, listening, ring: () => wake(), reads: () => reads };
}

test('readers share what was read', async () => {
  const { feed, reads } = openFeed();
  const over = new AbortController();
  const first = feed.follow(over.signal)[Symbol.asyncIterator]();
  const second = feed.follow(over.signal)[Symbol.asyncIterator]();
  expect(await first.next()).toMatchObject({ value: { value: 1 } });
  expect(await second.next()).toMatchObject({ value: { value: 1 } });
  expect(reads()).toBe(1);
  over.abort();
  await first.return?.();
  await second.return?.();
});

test('the source is listened to only while somebody reads, and read anew for the next one', async () => {
  const { feed, listening, ring } = openFeed();
  const over = new AbortController();
  const reader = feed.follow(over.signal)[Symbol.asyncIterator]();
  await reader.next();
  const next = reader.next();
  ring();
  expect(await next).toMatchObject({ value: { version: 2, value: 2 } });
  await reader.return?.();
  expect(listening.map((signal) => signal.aborted)).toEqual([true]);
  const later = feed.follow(over.signal)[Symbol.asyncIterator]();
  expect(await later.next()).toMatchObject({ value: { version: 3, value: 3 } });
  expect(listening.map((signal) => signal.aborted)).toEqual([true, false]);
  await later.return?.();
});
