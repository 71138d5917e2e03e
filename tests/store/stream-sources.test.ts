import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { ClaimedExecution, Store } from '@/lib/store/store';
import { eventSource, logSource, weighLine } from '@/lib/store/stream-sources';
import { createFeeds } from '@/lib/streams/feeds';
import { follow } from '@/lib/streams/follow';
import { openBreakableProxy } from '../support/breakable-proxy';
import { openTestDatabase, silentLogger } from '../support/database';
import { claimedExecution } from './make-execution';

const never = new AbortController().signal;
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let proxy: Awaited<ReturnType<typeof openBreakableProxy>>;
let writer: Store;
/** Another replica, whose connections to the database can break. */
let reader: Store;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await openBreakableProxy(database.url);
  const dependencies = { clock: systemClock, logger: silentLogger };
  writer = await openPostgresStore(dependencies, database.url);
  reader = await openPostgresStore(dependencies, proxy.url);
});
afterAll(async () => {
  await Promise.all([writer.close(), reader.close()]);
  await proxy.close();
  await database.drop();
});

const finish = ({ id, fence }: ClaimedExecution) =>
  writer.events.append(id, [{ type: 'execution.finished', status: 'passed', cause: null }], fence);

async function write(claim: ClaimedExecution, texts: string[]): Promise<void> {
  const lines = texts.map((text) => ({ stream: 'stdout' as const, atMs: 0, text }));
  await writer.logs.append(claim.id, 'one', 1, lines, claim.fence);
}

const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('twenty readers on another replica whose connections break get every line once, and the end', async () => {
  const claim = await claimedExecution(writer);
  await write(claim, ['before anyone reads']);
  const feeds = createFeeds({ clock: systemClock }, (id) => logSource(reader, id), weighLine);
  const readers = Array.from({ length: 20 }, async (_, index) => {
    const seen: number[] = [];
    const cursor = index % 2;
    for await (const batch of feeds.follow(claim.id, cursor, never)) {
      seen.push(...batch.items.map((line) => line.seq));
    }
    return { cursor, seen };
  });
  for (let round = 0; round < 4; round += 1) {
    for (let batch = 0; batch < 20; batch += 1) await write(claim, ['a', 'b', 'c']);
    await proxy.breakOff();
    await write(claim, ['while the reader is away']);
    await proxy.mend();
  }
  await finish(claim);
  for (const { cursor, seen } of await Promise.all(readers)) expect(seen).toEqual(upTo(cursor + 1, 245));
});

test('a stream of events ends with the event that ends the execution, wherever it is joined', async () => {
  const claim = await claimedExecution(writer);
  const streams = [0, 1, 2].map(async (cursor) => {
    const seen: number[] = [];
    for await (const items of follow(eventSource(reader, claim.id), cursor, never)) {
      seen.push(...items.map((event) => event.seq));
    }
    return seen;
  });
  await writer.events.append(claim.id, [{ type: 'execution.warning', message: 'x' }], claim.fence);
  await finish(claim);
  expect(await Promise.all(streams)).toEqual([[1, 2, 3], [2, 3], [3]]);
  const late = follow(eventSource(reader, claim.id), 3, never);
  expect(await late.next()).toEqual({ value: undefined, done: true });
});

test('a filtered stream delivers only what passes, and ends', async () => {
  const claim = await claimedExecution(writer);
  await write(claim, ['match 1', 'other', 'other']);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const lines of follow(logSource(reader, claim.id, { q: 'MATCH' }), 0, never)) {
      seen.push(...lines.map((line) => line.text));
    }
  })();
  await write(claim, ['other', 'match 2']);
  await write(claim, ['other']);
  await finish(claim);
  await reading;
  expect(seen).toEqual(['match 1', 'match 2']);
});

test('a stream of an execution that is not there rejects', async () => {
  const events = follow(eventSource(reader, 'nobody'), 0, never);
  await expect(events.next()).rejects.toMatchObject({ code: 'execution_not_found' });
  const feeds = createFeeds({ clock: systemClock }, (id) => logSource(reader, id), weighLine);
  await expect(feeds.follow('nobody', 0, never).next()).rejects.toMatchObject({
    code: 'execution_not_found',
  });
});
