import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Concurrency } from '@/lib/model/concurrency';
import type { Fence, Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { newExecution, planOf } from './make-execution';

let store: Store;
let sql: Sql;
let close: () => Promise<void>;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ store, close } = opened);
  sql = postgres(opened.url, { max: 1, onnotice: () => undefined });
});
beforeEach(async () => {
  await sql`truncate executions cascade`;
});
afterAll(async () => {
  await sql.end();
  await close();
});

/** Queued, in the order of the calls. */
async function queue(concurrency: Partial<Concurrency> | null): Promise<string> {
  const plan = planOf('hello', ['one']);
  const given = concurrency && { group: 'deploy', max: 1, cancelRunning: false, ...concurrency };
  const execution = newExecution({ plan: { ...plan, concurrency: given } });
  await store.executions.create(execution);
  return execution.id;
}

/** Claims and starts what may run; answers it. */
async function startNext(owner = 'owner', limit = 100): Promise<{ id: string; fence: Fence }[]> {
  const claims = await store.executions.claim(owner, 60_000, limit);
  for (const { id, fence } of claims)
    await store.events.append(id, [{ type: 'execution.started', owner: fence.owner }], fence);
  return claims;
}

async function finish({ id, fence }: { id: string; fence: Fence }): Promise<void> {
  await store.events.append(id, [{ type: 'execution.finished', status: 'passed', cause: null }], fence);
}

async function waitsFor(id: string): Promise<string | null | undefined> {
  const [execution] = await store.executions.explainQueue(
    (await store.executions.list({}, 100, null)).items.filter((each) => each.id === id),
  );
  return execution?.waitsFor;
}

test('of a group no more than its maximum run, in the order in which they came; others pass by', async () => {
  const [a, b, c] = [await queue({ max: 2 }), await queue({ max: 2 }), await queue({ max: 2 })];
  const free = await queue(null);
  const running = await startNext();
  expect(running.map(({ id }) => id)).toEqual([a, b, free]);
  expect(await startNext()).toEqual([]);
  expect(await waitsFor(c)).toBe(`Waiting for its group \`deploy\`, which execution ${a} and 1 more hold.`);
  const [first] = running;
  if (first) await finish(first);
  expect((await startNext()).map(({ id }) => id)).toEqual([c]);
});

test('an execution that is claimed but has not started counts', async () => {
  const first = await queue({});
  await queue({});
  const claims = await store.executions.claim('one', 60_000, 100);
  expect(claims.map(({ id }) => id)).toEqual([first]);
  expect(await store.executions.claim('two', 60_000, 100)).toEqual([]);
});

test('control planes that claim at once never share out a group too often', async () => {
  for (let index = 0; index < 12; index += 1) await queue({ group: `group-${index % 3}` });
  const claims = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => startNext(owner, 2)));
  const ids = claims.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeLessThanOrEqual(3);
});

test('one whose owner died is adopted, and holds its group until then', async () => {
  const held = await queue({});
  await queue({});
  const [claim] = await startNext();
  if (!claim) throw new Error('not claimed');
  await store.executions.release(held, claim.fence);
  expect((await store.executions.claim('next', 60_000, 100)).map(({ id }) => id)).toEqual([held]);
});

test('the newest that says so supersedes older ones, until they are asked to end', async () => {
  const old = [await queue({ max: 2 }), await queue({ max: 2 })];
  await startNext();
  expect(await store.executions.superseded()).toEqual([]);
  const newest = await queue({ max: 2, cancelRunning: true });
  expect(await store.executions.superseded()).toEqual([{ id: old[0], by: newest }]);
  await store.events.append(old[0] ?? '', [{ type: 'execution.cancel_requested', by: 'a test' }], null);
  expect(await store.executions.superseded()).toEqual([]);
});

test('what is to be cancelled is taken although its group is full and there is no room', async () => {
  await queue({});
  const waiting = await queue({});
  await startNext();
  await store.events.append(waiting, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
  expect((await store.executions.claim('owner', 60_000, 0)).map(({ id }) => id)).toEqual([waiting]);
});

test('one without a group says how many run and wait before it', async () => {
  const first = await queue(null);
  expect(await waitsFor(first)).toBe('Is about to start.');
  await startNext('owner', 1);
  const [second, third] = [await queue(null), await queue(null)];
  expect(await waitsFor(second)).toBe('Waiting for a free place: 1 execution runs.');
  expect(await waitsFor(third)).toBe('Waiting for a free place: 1 execution runs, and 1 waits before it.');
  expect(await waitsFor(first)).toBeNull();
});
