import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RetentionRules } from '@/lib/model/retention';
import type { Store } from '@/lib/store/store';
import { logSource } from '@/lib/store/stream-sources';
import { follow } from '@/lib/streams/follow';
import { openTestStore } from '../support/database';
import { claimedExecution, newExecution, planOf } from './make-execution';

let store: Store;
let sql: Sql;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, close } = opened);
  sql = postgres(opened.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await close();
});
beforeEach(async () => {
  await sql`truncate executions, packages, blobs cascade`;
});

async function* content(text = 'x'): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

/** One with lines and an artifact that ended so many days ago; null: that has not ended. */
async function runOf(daysAgo: number | null): Promise<string> {
  const { id, fence } = await claimedExecution(store);
  for (let chunk = 0; chunk < 100; chunk += 1)
    await store.logs.append(id, 'one', 1, [{ stream: 'stdout', atMs: 0, text: `line ${chunk}` }], fence);
  await store.artifacts.put(id, { stepId: 'one', attempt: 1, path: 'a', format: 'file' }, content(), 100);
  await store.events.append(id, [{ type: 'execution.started', owner: 'owner' }], fence);
  if (daysAgo === null) return id;
  await store.events.append(id, [{ type: 'execution.finished', status: 'passed', cause: null }], fence);
  await sql`update executions set finished_at = now() - ${daysAgo}::float8 * interval '1 day' where id = ${id}`;
  return id;
}

/** Answers in how many batches. */
async function forget(rules: Partial<RetentionRules>): Promise<number> {
  for (let batches = 0; ; batches += 1) {
    if (
      !(await store.deleteExpired({
        days: null,
        outputDays: null,
        count: null,
        auditDays: null,
        caseDays: null,
        ...rules,
      }))
    )
      return batches;
  }
}

async function rowsOf(table: string, id: string): Promise<number> {
  return (await sql`select from ${sql(table)} where execution_id = ${id}`).length;
}

async function kept(): Promise<string[]> {
  return (await store.executions.list({}, 100, null)).items.map(({ id }) => id);
}

test('nothing is removed unless it is asked for, and never what has not ended', async () => {
  const ids = [await runOf(1_000), await runOf(null)];
  expect(await forget({})).toBe(0);
  await forget({ days: 1, outputDays: 1 });
  expect(await kept()).toEqual([ids[1]]);
  expect(await rowsOf('log_chunks', ids[1] ?? '')).toBe(100);
});

test('logs and artifacts go first, a few at a time; the record stays and says so', async () => {
  const [old, young] = [await runOf(40), await runOf(20)];
  expect(await forget({ outputDays: 30, days: 90 })).toBeGreaterThan(3);
  for (const table of ['log_chunks', 'artifacts']) {
    expect(await rowsOf(table, old)).toBe(0);
    expect(await rowsOf(table, young)).toBeGreaterThan(0);
  }
  expect(await sql`select from blobs`).toHaveLength(1);
  expect((await store.executions.get(old))?.outputRemovedAt).toMatch(/Z$/);
  expect((await store.executions.get(young))?.outputRemovedAt).toBeNull();
  expect(await forget({ outputDays: 30, days: 90 })).toBe(0);
});

test('a reader of a log that was removed comes to its end', async () => {
  const old = await runOf(40);
  await forget({ outputDays: 30 });
  for (const filter of [undefined, { q: 'line' }]) {
    const read: unknown[] = [];
    for await (const lines of follow(logSource(store, old, filter), 0, AbortSignal.timeout(10_000)))
      read.push(...lines);
    expect(read).toEqual([]);
  }
});

test('executions go by age, with everything that belongs to them', async () => {
  const [old, young] = [await runOf(91), await runOf(89)];
  await forget({ days: 90 });
  expect(await kept()).toEqual([young]);
  for (const table of ['log_chunks', 'artifacts', 'events', 'steps', 'plans'])
    expect(await rowsOf(table, old)).toBe(0);
  expect(await sql`select from blobs`).toHaveLength(1);
});

test('executions go by number, the oldest first', async () => {
  const ids: string[] = [];
  for (const daysAgo of [5, 4, 3, 2, 1]) ids.push(await runOf(daysAgo));
  const active = await runOf(null);
  await forget({ count: 2 });
  expect((await kept()).sort()).toEqual([...ids.slice(3), active].sort());
});

test('packages go when nothing was launched from them for a week and nothing runs from them', async () => {
  const digests = ['sha256:idle', 'sha256:running', 'sha256:recent'];
  for (const digest of digests) await store.packages.put(digest, () => content(digest));
  const plan = { ...planOf('hello', ['one']), packageDigest: 'sha256:running' };
  await store.executions.create(newExecution({ plan }));
  await sql`update packages set used_at = now() - interval '8 days'`;
  await store.packages.put('sha256:recent', () => content('not read'));
  await forget({});
  await expect(store.packages.open('sha256:idle')).rejects.toMatchObject({ code: 'not_found' });
  for (const digest of digests.slice(1)) await store.packages.open(digest);
  expect(await sql`select from blobs`).toHaveLength(2);
});
