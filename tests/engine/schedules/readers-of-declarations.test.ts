import { renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '@/lib/engine/engine';
import { createFakeClock, type FakeClock } from '../../support/fake-clock';
import { openWorld, type World } from '../world';
import { hourly, letPass, only, openReplica, type Replica } from './replicas';

const minuteMs = 60_000;
const suite = 'shop';
const nightly = 'schedules: { nightly: { cron: "0 2 * * *" } }';

let world: World;
let sql: postgres.Sql;
let clock: FakeClock;
let opened: (() => Promise<void>)[];

beforeAll(async () => {
  world = await openWorld();
  sql = postgres(world.url, { max: 1, onnotice: () => {} });
});
beforeEach(() => {
  opened = [];
  clock = createFakeClock(Date.parse('2026-01-01T00:10:00Z'));
});
afterEach(async () => {
  for (const close of opened) await close();
  await sql`delete from schedules`;
  await sql`delete from schedule_declarations`;
});
afterAll(async () => {
  await sql.end();
  await world.close();
});

function open(options: { isNew?: boolean } = {}): Replica {
  const replica = openReplica({ clock, world }, options);
  opened.push(replica.close);
  return replica;
}

/** Without room for executions they stay in the queue. */
function startEngine({ catalog }: Replica): Engine {
  const engine = world.startEngine({ catalog, limits: { maxExecutions: 0 }, isDoomed: true });
  opened.unshift(() => engine.stop());
  return engine;
}

async function names({ schedules }: Replica): Promise<string[]> {
  return (await schedules.list()).map(({ name }) => name);
}

describe('The newest reader of a changed file wins', () => {
  it('while it lives, and ten minutes longer', async () => {
    const [old, updated] = [open(), open()];
    old.write(nightly, suite);
    await old.round();
    updated.write(hourly, suite);
    await updated.round();
    for (let round = 0; round < 3; round += 1) {
      await letPass(sql, 9);
      await old.round();
      await updated.round();
      expect(await names(old)).toEqual(['hourly']);
    }
    await letPass(sql, 9);
    await old.round();
    expect(await names(old)).toEqual(['hourly']);
    await letPass(sql, 2);
    await old.round();
    expect(await names(old)).toEqual(['nightly']);
  });

  it('also when its file declares none', async () => {
    const [old, updated] = [open(), open()];
    old.write(nightly, suite);
    await old.round();
    updated.write('title: Without', suite);
    await updated.round();
    for (let round = 0; round < 2; round += 1) {
      await letPass(sql, 9);
      await old.round();
      await updated.round();
      expect(await names(old)).toEqual([]);
    }
    await letPass(sql, 11);
    await old.round();
    expect(await names(old)).toEqual(['nightly']);
  });

  it('and a reader that was away while its schedules were withdrawn declares them again', async () => {
    const [away, other] = [open(), open()];
    away.write(hourly, suite);
    await away.round();
    other.write(nightly, 'other');
    await letPass(sql, 11);
    await other.round();
    expect(await names(other)).toEqual(['nightly']);
    await away.round();
    expect(await names(other)).toEqual(['hourly', 'nightly']);
  });

  it('and a reader that was away until they were forgotten declares them again', async () => {
    const [away, other] = [open(), open()];
    away.write(hourly, suite);
    await away.round();
    await letPass(sql, 31 * 24 * 60);
    await other.round(false);
    await sql`update schedules set withdrawn_at = withdrawn_at - interval '31 days'`;
    await other.round(false);
    expect(await sql`select id from schedules`).toHaveLength(0);
    await away.round();
    expect(await names(other)).toEqual(['hourly']);
  });
});

describe('A control plane without a suite', () => {
  it('withdraws nothing before it has run for ten minutes without a break', async () => {
    const reader = open();
    reader.write(hourly, suite);
    await reader.round();
    const fresh = open({ isNew: true });
    await letPass(sql, 60);
    await fresh.round();
    expect(await names(fresh)).toEqual(['hourly']);
    for (let minutes = 0; minutes < 8; minutes += 4) {
      await clock.advance(4 * minuteMs);
      await fresh.round();
    }
    // As long as the database was away, no control plane can have marked its suites.
    await clock.advance(6 * minuteMs);
    await fresh.round();
    expect(await names(fresh)).toEqual(['hourly']);
    for (let minutes = 0; minutes < 8; minutes += 4) {
      await clock.advance(4 * minuteMs);
      await fresh.round();
    }
    expect(await names(fresh)).toEqual(['hourly']);
    await clock.advance(2 * minuteMs);
    await fresh.round();
    expect(await names(fresh)).toEqual([]);
  });

  it('leaves its firings to another one, also when it claims them first', async () => {
    const [reader, other] = [open(), open()];
    reader.write(hourly, suite);
    await reader.round();
    const { id } = await only(reader);
    await clock.advance(50 * minuteMs);
    await other.fire(startEngine(other));
    const [waiting] = await reader.schedules.firings(id, 1);
    expect(waiting).toMatchObject({ status: 'waiting', reason: expect.stringContaining(suite) });
    await sql`update schedule_firings set lease_until = now()`;
    await reader.fire(startEngine(reader));
    expect(await reader.schedules.firings(id, 10)).toMatchObject([{ status: 'launched' }]);
  });

  it('fails them when no other one has the suite for ten minutes', async () => {
    const [reader, other] = [open(), open()];
    reader.write(hourly, suite);
    await reader.round();
    const { id } = await only(reader);
    await clock.advance(50 * minuteMs);
    const engine = startEngine(other);
    await other.fire(engine);
    await clock.advance(11 * minuteMs);
    await sql`update schedule_firings set lease_until = now()`;
    await other.fire(engine);
    expect(await reader.schedules.firings(id, 10)).toMatchObject([{ status: 'failed' }]);
  });

  it('does not fail one that was missed before its root is mounted', async () => {
    const before = open();
    before.write('schedules: { hourly: { cron: "0 * * * *", when_missed: once } }', suite);
    await before.round();
    const { id } = await only(before);
    await clock.advance(10 * 60 * minuteMs);
    const after = open({ isNew: true });
    const engine = startEngine(after);
    await after.round();
    await after.fire(engine);
    expect(await after.schedules.firings(id, 1)).toMatchObject([{ status: 'waiting' }]);
    renameSync(path.join(before.root, suite), path.join(after.root, suite));
    await after.round();
    await sql`update schedule_firings set lease_until = now()`;
    await after.fire(engine);
    expect(await after.schedules.firings(id, 10)).toMatchObject([{ status: 'launched' }]);
  });
});

it('a control plane that ignores the schedules of files launches none of them', async () => {
  const reader = open();
  reader.write(hourly, suite);
  await reader.round();
  const { id } = await only(reader);
  await clock.advance(50 * minuteMs);
  const engine = startEngine(reader);
  await reader.fire(engine, false);
  expect(await reader.schedules.firings(id, 1)).toEqual([]);
  await world.store.schedules.plan(
    id,
    '2026-01-01T01:00:00.000Z',
    { plannedAt: '2026-01-01T01:00:00.000Z', status: 'waiting', reason: null },
    null,
  );
  await reader.fire(engine, false);
  expect(await reader.schedules.firings(id, 1)).toMatchObject([{ status: 'waiting' }]);
  await reader.fire(engine);
  expect(await reader.schedules.firings(id, 1)).toMatchObject([{ status: 'launched' }]);
});

it('a schedule that comes back after it was withdrawn as unseen goes on from its planned time', async () => {
  const reader = open();
  reader.write('schedules: { hourly: { cron: "0 * * * *", when_missed: once } }', suite);
  await reader.round();
  const { id } = await only(reader);
  const away = path.join(tmpdir(), `gantry-declared-away-${process.pid}`);
  renameSync(path.join(reader.root, suite), away);
  await letPass(sql, 11);
  await reader.round();
  expect(await names(reader)).toEqual([]);
  const engine = startEngine(reader);
  await clock.advance(3 * 60 * minuteMs);
  await reader.fire(engine);
  renameSync(away, path.join(reader.root, suite));
  await reader.round();
  await reader.fire(engine);
  expect(await reader.schedules.firings(id, 10)).toMatchObject([
    { plannedAt: '2026-01-01T03:00:00.000Z', status: 'launched' },
  ]);
});

it('a schedule that skips what it missed says that no control plane with its suite was there', async () => {
  const reader = open();
  reader.write(hourly, suite);
  await reader.round();
  const { id } = await only(reader);
  await clock.advance(3 * 60 * minuteMs);
  await reader.fire(startEngine(reader));
  expect(await reader.schedules.firings(id, 10)).toMatchObject([
    { status: 'skipped', reason: 'Missed: no control plane with the suite was running at that time.' },
  ]);
});

it('a firing that is being launched when its schedule is withdrawn is left to that launch', async () => {
  const reader = open();
  reader.write(hourly, suite);
  await reader.round();
  const { id } = await only(reader);
  const plannedAt = '2026-01-01T01:00:00.000Z';
  const firing = { plannedAt, status: 'waiting' as const, reason: null };
  await world.store.schedules.plan(id, plannedAt, firing, null);
  await world.store.schedules.claimWaiting(3_600_000, 10, true);
  reader.write('title: Without', suite);
  await reader.round();
  expect(await names(reader)).toEqual([]);
  expect(await world.store.schedules.firings(id, 10)).toMatchObject([{ status: 'waiting' }]);
  await world.store.schedules.settle(id, plannedAt, { status: 'launched', executionId: 'e', reason: null });
  expect(await world.store.schedules.firings(id, 10)).toMatchObject([{ status: 'launched' }]);
});
