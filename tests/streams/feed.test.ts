import { expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { AppError } from '@/lib/model/errors';
import { type Batch, oncePerBatch } from '@/lib/streams/batch';
import { createFeed } from '@/lib/streams/feed';
import { createFeeds } from '@/lib/streams/feeds';
import { type Item, scriptedSource, upTo } from './scripted-source';

const never = new AbortController().signal;
const options = { weigh: () => 100, signal: never };

async function take(batches: AsyncGenerator<Batch<Item>>, lastSeq: number): Promise<Batch<Item>[]> {
  const taken: Batch<Item>[] = [];
  for (;;) {
    const { value, done } = await batches.next();
    if (done) throw new Error(`ended after ${taken.at(-1)?.lastSeq}`);
    taken.push(value);
    if (value.lastSeq >= lastSeq) return taken;
  }
}

const seqs = (batches: Batch<Item>[]) => batches.flatMap((batch) => batch.items.map((item) => item.seq));

test('a thousand subscribers cost one read a ring, and share what is encoded', async () => {
  const { source, state, ring } = scriptedSource(100);
  state.rows = 10;
  const feed = createFeed({ clock: systemClock }, source, options);
  let encoded = 0;
  const encode = oncePerBatch((items: readonly Item[]) => {
    encoded += 1;
    return Buffer.from(JSON.stringify(items));
  });
  const subscribers = Array.from({ length: 1_000 }, () => feed.follow(0, never));
  await Promise.all(subscribers.map((subscriber) => take(subscriber, 10)));
  const readsBefore = state.reads;
  for (let round = 1; round <= 5; round += 1) {
    const next = Promise.all(subscribers.map((subscriber) => take(subscriber, 10 + round)));
    state.rows += 1;
    ring();
    const answers = await next;
    const buffers = new Set(answers.map(([batch]) => (batch ? encode(batch) : null)));
    expect(buffers.size).toBe(1);
  }
  expect(state.reads - readsBefore).toBe(5);
  expect(encoded).toBe(5);
});

test('a thousand clients that come back with one cursor share the first read', async () => {
  const { source, state } = scriptedSource(100);
  state.rows = 5_000;
  const feed = createFeed({ clock: systemClock }, source, options);
  const subscribers = Array.from({ length: 1_000 }, () => feed.follow(4_990, never));
  const answers = await Promise.all(subscribers.map((subscriber) => take(subscriber, 5_000)));
  expect(seqs(answers[999] ?? [])).toEqual(upTo(4_991, 5_000));
  expect(state.reads).toBe(1);
});

test('a subscriber at the end does not wait for one who reads history, nor walk through it', async () => {
  const { source, state, ring } = scriptedSource(10);
  state.rows = 100_000;
  const feed = createFeed({ clock: systemClock }, source, options);
  const historian = feed.follow(0, never);
  await take(historian, 10);
  const live = feed.follow(100_000, never);
  const next = take(live, 100_001);
  state.rows += 1;
  ring();
  expect(seqs(await next)).toEqual([100_001]);
  expect(state.reads).toBeLessThan(10);
  expect(seqs(await take(historian, 200))).toEqual(upTo(11, 200));
});

test('a subscriber who has fallen out of memory catches up by pages of its own', async () => {
  const { source, state, ring } = scriptedSource(1_000);
  const feed = createFeed({ clock: systemClock }, source, options);
  const slow = feed.follow(0, never);
  const fast = feed.follow(0, never);
  state.rows = 1;
  ring();
  await Promise.all([take(slow, 1), take(fast, 1)]);
  for (let rows = 1_001; rows <= 50_001; rows += 1_000) {
    state.rows = rows;
    ring();
    await take(fast, rows);
  }
  expect(seqs(await take(slow, 50_001))).toEqual(upTo(2, 50_001));
});

test('a cursor from the future gets nothing before its time and ends with the source', async () => {
  const { source, state, ring } = scriptedSource(10);
  state.rows = 25;
  const feed = createFeed({ clock: systemClock }, source, options);
  const future = feed.follow(30, never);
  const next = take(future, 32);
  state.rows = 32;
  ring();
  expect(seqs(await next)).toEqual([31, 32]);
  const last = future.next();
  state.isEnded = true;
  ring();
  expect(await last).toEqual({ value: undefined, done: true });
  expect(await feed.follow(1_000, never).next()).toEqual({ value: undefined, done: true });
});

test('while the store cannot be reached subscribers wait; another failure ends those that wait', async () => {
  const made = scriptedSource(10);
  made.state.rows = 3;
  const failures: Error[] = [
    new AppError('store_unavailable', 'gone'),
    new AppError('store_unavailable', 'gone'),
  ];
  const source = {
    ...made.source,
    async read(afterSeq: number) {
      const failure = failures.shift();
      if (failure) throw failure;
      return made.source.read(afterSeq);
    },
  };
  const clock = { ...systemClock, sleep: async () => undefined };
  const feed = createFeed({ clock }, source, options);
  const subscriber = feed.follow(0, never);
  expect(seqs(await take(subscriber, 3))).toEqual([1, 2, 3]);
  failures.push(new Error('broken'));
  const next = subscriber.next();
  made.ring();
  await expect(next).rejects.toThrow('broken');
  const other = feed.follow(3, never);
  const after = take(other, 4);
  made.state.rows = 4;
  made.ring();
  expect(seqs(await after)).toEqual([4]);
});

test('a subscription ends with its signal, and the feed of an id with its last subscriber', async () => {
  let listening = 0;
  const made = scriptedSource(10);
  const source = {
    ...made.source,
    subscribe(signal: AbortSignal) {
      listening += 1;
      signal.addEventListener('abort', () => {
        listening -= 1;
      });
      return made.source.subscribe(signal);
    },
  };
  const feeds = createFeeds(
    { clock: systemClock },
    () => source,
    () => 1,
  );
  const leaving = [new AbortController(), new AbortController()];
  const waits = leaving.map((controller) => feeds.follow('a', 0, controller.signal).next());
  expect(listening).toBe(1);
  leaving[0]?.abort();
  expect(await waits[0]).toEqual({ value: undefined, done: true });
  expect(listening).toBe(1);
  leaving[1]?.abort();
  expect(await waits[1]).toEqual({ value: undefined, done: true });
  expect(listening).toBe(0);
});

test('the next page is read while one is on its way, and no further', async () => {
  const { source, state, ring } = scriptedSource(10);
  state.rows = 35;
  const feed = createFeed({ clock: systemClock }, source, options);
  const subscriber = feed.follow(0, never);
  await take(subscriber, 10);
  await Promise.resolve();
  expect(state.reads).toBe(2);
  expect(seqs(await take(subscriber, 35))).toEqual(upTo(11, 35));
  expect(state.reads).toBe(4);
  // What was read ahead may be the page before the end: the ring that came since is not lost.
  const next = take(subscriber, 36);
  state.rows += 1;
  ring();
  expect(seqs(await next)).toEqual([36]);
});

test('the pages of a history are read in the turns of their reader, live items at once', async () => {
  const { source, state, ring } = scriptedSource(10);
  state.rows = 200_000;
  const feed = createFeed({ clock: systemClock }, source, options);
  // The head is at the end, and what is kept of it does not reach to the beginning.
  const live = feed.follow(199_999, never);
  await take(live, 200_000);
  let running = 0;
  let most = 0;
  let turns = 0;
  let admit = () => {};
  const opened = new Promise<void>((resolve) => {
    admit = resolve;
  });
  const turn = async () => {
    await opened;
    turns += 1;
    running += 1;
    most = Math.max(most, running);
    return () => {
      running -= 1;
    };
  };
  const reader = feed.follow(0, never, turn);
  const first = take(reader, 100);
  // Without its turn the reader holds nobody up.
  const next = take(live, 200_001);
  state.rows += 1;
  ring();
  expect(seqs(await next)).toEqual([200_001]);
  expect(turns).toBe(0);
  admit();
  expect(seqs(await first)).toEqual(upTo(1, 100));
  expect({ turns, most, running }).toEqual({ turns: 10, most: 1, running: 0 });
});
