import { renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '@/lib/engine/engine';
import { scheduleRequest } from '@/lib/model/schedule';
import { createFakeClock, type FakeClock } from '../../support/fake-clock';
import { openWorld, type World } from '../world';
import {
  hourly,
  letPass as letMinutesPass,
  only,
  openReplica as openNewReplica,
  type Replica,
} from './replicas';

let world: World;
let sql: postgres.Sql;
let clock: FakeClock;
let suite: string;
let opened: (() => Promise<void>)[];
let tests = 0;

beforeAll(async () => {
  world = await openWorld();
  sql = postgres(world.url, { max: 1, onnotice: () => {} });
});
beforeEach(() => {
  tests += 1;
  suite = `shop-${tests}`;
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

function openReplica(): Replica {
  const replica = openNewReplica({ clock, world });
  opened.push(replica.close);
  return replica;
}

function write(replica: Replica, declared: string, folder = suite): void {
  replica.write(declared, folder);
}

const letPass = (minutes: number) => letMinutesPass(sql, minutes);

describe('a schedule in suite.yaml', () => {
  it('is listed with its file and its next times, beside those that people make', async () => {
    const replica = openReplica();
    write(replica, 'schedules: { nightly: { cron: "30 2 * * *", time_zone: Europe/Berlin, jitter: 10m } }');
    await replica.round();
    expect(await only(replica)).toMatchObject({
      name: 'nightly',
      suiteId: suite,
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      jitterSeconds: 600,
      enabled: true,
      declaredIn: 'suite.yaml',
      changedBy: 'suite.yaml',
      nextTimes: { length: 5 },
    });
    const made = scheduleRequest.parse({ name: 'mine', suiteId: suite, cron: '@daily' });
    await replica.schedules.save(null, made, { name: 'ada', maker: null });
    expect((await replica.schedules.list()).map(({ name, declaredIn }) => [name, declaredIn])).toEqual([
      ['mine', null],
      ['nightly', 'suite.yaml'],
    ]);
  });

  it('launches as its keys say', async () => {
    const replica = openReplica();
    write(
      replica,
      'schedules: { nightly: { cron: "@daily", profile: default, backend: other, when_running: queue, when_missed: once } }',
    );
    await replica.round();
    expect(await only(replica)).toMatchObject({
      profile: 'default',
      backend: 'other',
      whenRunning: 'queue',
      whenMissed: 'once',
    });
  });

  it('changes with its file, keeps its next time unless its times change, and goes with its key', async () => {
    const replica = openReplica();
    write(replica, hourly);
    await replica.round();
    const before = await only(replica);
    await clock.advance(20 * 60_000);
    write(replica, 'schedules: { hourly: { cron: "0 * * * *", when_running: cancel } }');
    await replica.round();
    expect(await only(replica)).toMatchObject({
      id: before.id,
      whenRunning: 'cancel',
      nextTimes: before.nextTimes,
    });
    write(replica, 'schedules: { hourly: { cron: "45 * * * *" } }');
    await replica.round();
    expect((await only(replica)).nextTimes[0]).toBe('2026-01-01T00:45:00.000Z');
    write(replica, 'title: Without');
    await replica.round();
    expect(await replica.schedules.list()).toEqual([]);
    await expect(replica.schedules.get(before.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be turned off and on, stays off when its file changes, and is changed and removed in the file alone', async () => {
    const replica = openReplica();
    write(replica, hourly);
    await replica.round();
    const { id, nextTimes } = await only(replica);
    const request = scheduleRequest.parse({ name: 'hourly', suiteId: suite, cron: '0 * * * *' });
    const off = { ...request, enabled: false };
    expect(await replica.schedules.save(id, off, { name: 'ada', maker: null })).toMatchObject({
      enabled: false,
      changedBy: 'ada',
      nextTimes: [],
    });
    write(replica, 'schedules: { hourly: { cron: "5 * * * *" } }');
    await replica.round();
    expect(await only(replica)).toMatchObject({ enabled: false, cron: '5 * * * *', nextTimes: [] });
    write(replica, hourly);
    await replica.round();
    expect(await replica.schedules.save(id, request, { name: 'ada', maker: null })).toMatchObject({
      enabled: true,
      nextTimes,
    });
    const refused = {
      code: 'conflict',
      message: expect.stringContaining(`comes from the suite.yaml of the suite ${suite}`),
    };
    await expect(
      replica.schedules.save(id, { ...off, cron: '@daily' }, { name: 'ada', maker: null }),
    ).rejects.toMatchObject(refused);
    await expect(replica.schedules.remove(id)).rejects.toMatchObject(refused);
    expect(await only(replica)).toMatchObject({ enabled: true, cron: '0 * * * *' });
  });

  it('of a version that is there for other suites is not declared', async () => {
    const replica = openReplica();
    write(replica, hourly, `${suite}@1.2.0`);
    await replica.round();
    expect(await replica.schedules.list()).toEqual([]);
  });

  it('is that of the first of two folders with the same id, as the suite is', async () => {
    const replica = openReplica();
    write(replica, `id: ${suite}\nschedules: { first: { cron: "@daily" } }`, 'a');
    write(replica, `id: ${suite}\nschedules: { second: { cron: "@daily" } }`, 'b');
    await replica.round();
    expect((await only(replica)).name).toBe('first');
  });
});

describe('the schedules of a suite that cannot be read', () => {
  it('stay while its file is broken, however long, also one with an id of its own', async () => {
    const replica = openReplica();
    write(replica, `id: ${suite}-own\n${hourly}`, 'folder');
    await replica.round();
    const { id } = await only(replica);
    writeFileSync(path.join(replica.root, 'folder', 'suite.yaml'), 'steps: [');
    for (let round = 0; round < 3; round += 1) {
      await letPass(9);
      await replica.round();
      expect((await only(replica)).id).toBe(id);
    }
  });

  it('stay for ten minutes after the folder is gone, and come back with their history and switch', async () => {
    const replica = openReplica();
    write(replica, hourly);
    await replica.round();
    const { id } = await only(replica);
    const off = scheduleRequest.parse({ name: 'hourly', suiteId: suite, cron: '0 * * * *', enabled: false });
    await replica.schedules.save(id, off, { name: 'ada', maker: null });
    renameSync(path.join(replica.root, suite), path.join(tmpdir(), `${suite}-away`));
    await letPass(9);
    await replica.round();
    expect((await only(replica)).id).toBe(id);
    await letPass(2);
    await replica.round();
    expect(await replica.schedules.list()).toEqual([]);
    renameSync(path.join(tmpdir(), `${suite}-away`), path.join(replica.root, suite));
    await replica.round();
    expect(await only(replica)).toMatchObject({ id, enabled: false });
  });

  it('follow the suite when it gets another id', async () => {
    const replica = openReplica();
    write(replica, `id: ${suite}\n${hourly}`, 'folder');
    await replica.round();
    write(replica, `id: ${suite}-new\n${hourly}`, 'folder');
    await replica.round();
    await letPass(11);
    await replica.round();
    expect((await only(replica)).suiteId).toBe(`${suite}-new`);
  });
});

it('a control plane that ignores them declares none, and ends what no other declares', async () => {
  const [off, on] = [openReplica(), openReplica()];
  write(off, hourly);
  await off.round(false);
  expect(await off.schedules.list()).toEqual([]);
  write(on, hourly);
  await on.round();
  for (let round = 0; round < 3; round += 1) {
    await letPass(9);
    await on.round();
    await off.round(false);
    expect(await off.schedules.list()).toHaveLength(1);
  }
  await letPass(11);
  await off.round(false);
  expect(await off.schedules.list()).toEqual([]);
});

describe('with several control planes', () => {
  let engine: Engine;
  beforeEach(() => {
    engine = world.startEngine({ limits: { maxExecutions: 0 }, isDoomed: true });
    opened.push(() => engine.stop());
  });

  it('is made once and fires once, though three declare it at the same time', async () => {
    const replicas = [openReplica(), openReplica(), openReplica()];
    for (const replica of replicas) write(replica, hourly);
    await Promise.all(replicas.map((replica) => replica.round()));
    const { id, nextTimes } = await only(openReplica());
    expect(nextTimes[0]).toBe('2026-01-01T01:00:00.000Z');
    await clock.advance(50 * 60_000);
    await Promise.all(replicas.flatMap((replica) => [replica.round(), replica.fire(engine)]));
    const firings = await world.store.schedules.firings(id, 10);
    expect(firings.map(({ plannedAt }) => plannedAt)).toEqual(['2026-01-01T01:00:00.000Z']);
  });

  it('none undoes what another wrote of a newer file, and a suite that one lacks stays', async () => {
    const [old, updated] = [openReplica(), openReplica()];
    write(old, hourly);
    await old.round();
    write(updated, 'schedules: { hourly: { cron: "0 * * * *" }, nightly: { cron: "@daily" } }');
    write(updated, 'schedules: { weekly: { cron: "@weekly" } }', `${suite}-new`);
    await updated.round();
    for (let round = 0; round < 3; round += 1) {
      await letPass(9);
      await old.round();
      await updated.round();
    }
    const names = (await old.schedules.list()).map(({ name }) => name);
    expect(names).toEqual(['hourly', 'nightly', 'weekly']);
    write(updated, 'title: Without');
    await updated.round();
    await old.round();
    expect((await old.schedules.list()).map(({ name }) => name)).toEqual(['weekly']);
  });
});
