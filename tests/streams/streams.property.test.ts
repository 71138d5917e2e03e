import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { createFeed } from '@/lib/streams/feed';
import { follow } from '@/lib/streams/follow';
import { scriptedSource, upTo } from './scripted-source';

/**
 * fast-check decides in which order rows are written, rings go off (late, merged, without reason), reads begin
 * and end, and readers go on.
 */
const world = fc.record({
  scheduler: fc.scheduler(),
  pageSize: fc.integer({ min: 1, max: 4 }),
  appends: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 }),
  already: fc.integer({ min: 0, max: 9 }),
  cursors: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
});

function write(
  { scheduler, appends, already }: { scheduler: fc.Scheduler; appends: number[]; already: number },
  made: ReturnType<typeof scriptedSource>,
) {
  made.state.rows = already;
  const steps = [
    ...appends.map((count) => async () => {
      made.state.rows += count;
      void scheduler.schedule(Promise.resolve(), 'ring').then(made.ring);
    }),
    async () => {
      made.state.isEnded = true;
      void scheduler.schedule(Promise.resolve(), 'last ring').then(made.ring);
    },
  ];
  void scheduler.scheduleSequence(steps.map((builder, index) => ({ label: `write ${index}`, builder })));
  void scheduler.schedule(Promise.resolve(), 'ring without reason').then(made.ring);
  return already + appends.reduce((sum, count) => sum + count, 0);
}

test('one reader gets every item after its cursor once and in order, and the stream ends', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { scheduler } = given;
      const made = scriptedSource(given.pageSize, (what) => scheduler.schedule(Promise.resolve(), what));
      const cursor = Math.min(given.cursors[0] ?? 0, given.already);
      const total = write(given, made);
      const seen: number[] = [];
      const reader = (async () => {
        for await (const items of follow(made.source, cursor, new AbortController().signal)) {
          seen.push(...items.map((item) => item.seq));
          await scheduler.schedule(Promise.resolve(), 'reader goes on');
        }
      })();
      await scheduler.waitFor(reader);
      expect(seen).toEqual(upTo(cursor + 1, total));
    }),
    { numRuns: 500 },
  );
});

test('each of several subscribers, however slow, gets every item after its cursor once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const { scheduler } = given;
      const made = scriptedSource(given.pageSize, (what) => scheduler.schedule(Promise.resolve(), what));
      const total = write(given, made);
      const ending = new AbortController();
      const options = { weigh: () => 1_500_000, signal: ending.signal };
      const feed = createFeed({ clock: systemClock }, made.source, options);
      const seen = given.cursors.map((): number[] => []);
      const readers = given.cursors.map(async (wanted, index) => {
        const cursor = Math.min(wanted, given.already);
        await scheduler.schedule(Promise.resolve(), `subscriber ${index} comes`);
        for await (const batch of feed.follow(cursor, new AbortController().signal)) {
          expect([batch.firstSeq, batch.lastSeq]).toEqual([batch.items[0]?.seq, batch.items.at(-1)?.seq]);
          seen[index]?.push(...batch.items.map((item) => item.seq));
          await scheduler.schedule(Promise.resolve(), `subscriber ${index} goes on`);
        }
      });
      await scheduler.waitFor(Promise.all(readers));
      ending.abort();
      expect(seen).toEqual(given.cursors.map((wanted) => upTo(Math.min(wanted, given.already) + 1, total)));
    }),
    { numRuns: 500 },
  );
});
