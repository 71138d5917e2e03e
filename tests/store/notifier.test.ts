import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { Store } from '@/lib/store/store';
import { openBreakableProxy } from '../support/breakable-proxy';
import { openTestDatabase, silentLogger } from '../support/database';
import { claimedExecution, newExecution } from './make-execution';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let here: Store;
let there: Store;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  [here, there] = await Promise.all([open(database.url), open(database.url)]);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

function open(url: string): Promise<Store> {
  return openPostgresStore({ clock: systemClock, logger: silentLogger }, url);
}

function listen(store: Store, topic: string) {
  const controller = new AbortController();
  cleanups.push(() => controller.abort());
  return { ...store.notifier.subscribe(topic, controller.signal), controller };
}

/** Whether `next` has resolved by the time that a whole round trip through both notifiers is over. */
async function isRung(bell: { next(): Promise<void> }): Promise<boolean> {
  let rung = false;
  void bell.next().then(() => {
    rung = true;
  });
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    const echo = listen(to, 'echo');
    from.notifier.notify('echo');
    await echo.next();
  }
  return rung;
}

test('a ring reaches listeners of its topic here and in another process, and no others', async () => {
  const [near, far, other] = [listen(here, 'a'), listen(there, 'a'), listen(there, 'b')];
  here.notifier.notify('a');
  await near.next();
  await far.next();
  expect(await isRung(other)).toBe(false);
});

test('a ring before anyone waits is kept, once', async () => {
  const bell = listen(here, 'latched');
  here.notifier.notify('latched');
  here.notifier.notify('latched');
  await bell.next();
  expect(await isRung(bell)).toBe(false);
});

test('a process does not hear its own ring a second time', async () => {
  const bell = listen(here, 'own');
  here.notifier.notify('own');
  await bell.next();
  expect(await isRung(bell)).toBe(false);
});

test('waiting ends with the signal, also when it has ended before', async () => {
  const bell = listen(here, 'ending');
  const waiting = bell.next();
  bell.controller.abort();
  await waiting;
  await bell.next();
  await here.notifier.subscribe('ended', AbortSignal.abort()).next();
});

test('a thousand rings at once reach another process', async () => {
  const bells = Array.from({ length: 1_000 }, (_, index) => listen(there, `topic-${index}`));
  for (let index = 0; index < 1_000; index += 1) here.notifier.notify(`topic-${index}`);
  await Promise.all(bells.map((bell) => bell.next()));
});

test('what is written rings: a launch, an event, a log line, the end, a release', async () => {
  const given = newExecution();
  const launched = ['queue', 'overview', here.events.topic(given.id)].map((topic) => listen(there, topic));
  await here.executions.create(given);
  await Promise.all(launched.map((bell) => bell.next()));
  const [claim] = await here.executions.claim('owner', 60_000, 1_000);
  if (!claim) throw new Error('not claimed');
  const logs = listen(there, here.logs.topic(given.id));
  const events = listen(there, here.events.topic(given.id));
  await here.logs.append(given.id, 'one', 1, [{ stream: 'stdout', atMs: 0, text: 'x' }], claim.fence);
  await logs.next();
  await here.events.append(given.id, [{ type: 'execution.warning', message: 'x' }], claim.fence);
  await events.next();
  const queue = listen(there, 'queue');
  await here.executions.release(given.id, claim.fence);
  await queue.next();
  const [again] = await here.executions.claim('owner', 60_000, 1_000);
  if (!again) throw new Error('not claimed');
  const ended = [here.logs.topic(given.id), 'overview'].map((topic) => listen(there, topic));
  await here.events.append(
    given.id,
    [{ type: 'execution.finished', status: 'passed', cause: null }],
    again.fence,
  );
  await Promise.all([...ended.map((bell) => bell.next()), events.next()]);
});

test('after its connections were ended everyone is rung once, and rings arrive again', async () => {
  const bell = listen(there, 'after');
  const sql = postgres(database.url, { max: 1 });
  cleanups.push(() => sql.end());
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  await bell.next();
  const next = listen(there, 'next');
  here.notifier.notify('next');
  await next.next();
});

test('while the database is gone calls reject with store_unavailable, and afterwards everything works', async () => {
  const proxy = await openBreakableProxy(database.url);
  const store = await open(proxy.url);
  cleanups.push(
    () => proxy.close(),
    () => store.close(),
  );
  const claim = await claimedExecution(store);
  const bell = listen(store, 'missed');
  await proxy.breakOff();
  const line = { stream: 'stdout' as const, atMs: 0, text: 'x' };
  const calls = [
    () => store.ping(),
    () => store.executions.get(claim.id),
    () => store.executions.create(newExecution()),
    () => store.executions.claim('owner', 1_000, 1),
    () => store.events.append(claim.id, [{ type: 'execution.warning', message: 'x' }], claim.fence),
    () => store.logs.append(claim.id, 'one', 1, [line], claim.fence),
    () => store.tokens.find('hash', ['api']),
    () => store.settings.platform(),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'store_unavailable' });
  here.notifier.notify('missed');
  const far = listen(here, 'rung while away');
  store.notifier.notify('rung while away');
  await proxy.mend();
  await bell.next();
  await far.next();
  expect(await store.logs.append(claim.id, 'one', 1, [line], claim.fence)).toBe(1);
  expect(await store.events.read(claim.id, 1, 10)).toEqual([]);
});
