import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@/lib/clock';
import type { Engine } from '@/lib/engine/engine';
import { fireSchedules, runSchedules } from '@/lib/engine/schedules/run-schedules';
import { createSchedules, type Schedules } from '@/lib/engine/schedules/schedules';
import { type ScheduleRequest, scheduleRequest } from '@/lib/model/schedule';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { SuiteCatalog } from '@/lib/suites/catalog/catalog';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { makeSuiteFolder } from '../../suites/suite-folder';
import { silentLogger } from '../../support/database';
import { createFakeClock, type FakeClock } from '../../support/fake-clock';
import { openWorld, type World } from '../world';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const refuseLaunch = async () => null;

let root: string;
let world: World;
let catalog: SuiteCatalog;
let clock: FakeClock;
let schedules: Schedules;
let engines: Engine[];
/** A schedule's, which no other test has. */
let name: string;
let tests = 0;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'gantry-schedules-'));
  makeSuiteFolder(
    'steps: { lint: { kind: test, run: "true", image: gantry/toolbox:local } }',
    `${root}/demo`,
  );
  catalog = openFolderCatalog({ clock: systemClock, logger: silentLogger }, [root]);
  world = await openWorld();
});
beforeEach(() => {
  tests += 1;
  name = `hourly ${tests}`;
  engines = [];
  clock = createFakeClock(Date.parse('2026-01-01T00:10:00Z'));
  schedules = createSchedules({ clock, store: world.store, catalog });
});
afterEach(async () => {
  for (const { id } of await schedules.list()) await schedules.remove(id);
  await Promise.all(engines.map((engine) => engine.stop()));
});
afterAll(async () => {
  await world.close();
  await catalog.close();
  rmSync(root, { recursive: true });
});

/** On the hour, unless the test says otherwise. */
async function make(request: Partial<ScheduleRequest> = {}): Promise<string> {
  const whole = scheduleRequest.parse({ name, suiteId: 'demo', cron: '0 * * * *', ...request });
  return (await schedules.save(null, whole, { name: 'ada', maker: null })).id;
}

async function launched() {
  const label = { key: 'schedule', value: name };
  return (await world.store.executions.list({ label }, 100, null)).items;
}

/** Without room for executions they stay in the queue. */
function startEngine({ maxExecutions = 20 } = {}): Engine {
  const engine = world.startEngine({ catalog, limits: { maxExecutions }, isDoomed: true });
  engines.push(engine);
  return engine;
}

function round(engine: Engine): Promise<void> {
  const deps = { clock, store: world.store, engine, logger: silentLogger, refuseLaunch };
  return fireSchedules(deps, { declared: true, startedAt: new Date(0) });
}

describe('a schedule', () => {
  it('launches its suite when its time comes, and not before', async () => {
    const id = await make({ profile: 'default' });
    const engine = startEngine();
    await round(engine);
    expect(await launched()).toEqual([]);
    await clock.advance(50 * minuteMs);
    await round(engine);
    await round(engine);
    const [execution, ...more] = await launched();
    expect(more).toEqual([]);
    expect(execution).toMatchObject({
      suite: { id: 'demo' },
      author: `schedule ${name}`,
      labels: { schedule: name },
    });
    expect(await schedules.get(id)).toMatchObject({
      nextTimes: [
        '2026-01-01T02:00:00.000Z',
        '2026-01-01T03:00:00.000Z',
        '2026-01-01T04:00:00.000Z',
        '2026-01-01T05:00:00.000Z',
        '2026-01-01T06:00:00.000Z',
      ],
      lastFiring: {
        plannedAt: '2026-01-01T01:00:00.000Z',
        status: 'launched',
        executionId: execution?.id,
        reason: null,
      },
    });
  });

  it('is delayed by its jitter', async () => {
    const id = await make({ jitterSeconds: 3_600 });
    const { nextTimes } = await schedules.get(id);
    const dueAt = Date.parse(nextTimes[0] ?? '');
    expect(dueAt).toBeGreaterThan(Date.parse('2026-01-01T01:00:00Z'));
    const engine = startEngine();
    await clock.advance(dueAt - clock.now().getTime() - 1);
    await round(engine);
    expect(await launched()).toEqual([]);
    await clock.advance(1);
    await round(engine);
    expect(await launched()).toHaveLength(1);
  });

  it('launches nothing while it is off', async () => {
    const id = await make({ enabled: false });
    const engine = startEngine();
    await clock.advance(2 * hourMs);
    await round(engine);
    expect(await launched()).toEqual([]);
    expect((await schedules.get(id)).nextTimes).toEqual([]);
  });

  it('fires once on two control planes with one database', async () => {
    await make();
    await make();
    const engine = startEngine();
    const otherStore = await openPostgresStore({ clock: systemClock, logger: silentLogger }, world.url);
    const otherEngine = world.startEngine({ catalog, store: otherStore, isDoomed: true });
    const stopping = new AbortController();
    const runs = [
      runSchedules(
        { clock, store: world.store, engine, logger: silentLogger, refuseLaunch },
        true,
        stopping.signal,
      ),
      runSchedules(
        { clock, store: otherStore, engine: otherEngine, logger: silentLogger, refuseLaunch },
        true,
        stopping.signal,
      ),
    ];
    for (let hour = 1; hour <= 5; hour += 1) {
      await clock.advance(hour === 1 ? 50 * minuteMs : hourMs);
      await vi.waitFor(
        async () => {
          await clock.advance(1_000);
          expect((await launched()).length).toBeGreaterThanOrEqual(2 * hour);
        },
        { timeout: 60_000, interval: 50 },
      );
      for (const { id } of await launched()) await world.ended(id);
    }
    stopping.abort();
    await Promise.all(runs);
    await otherEngine.stop();
    await otherStore.close();
    expect(await launched()).toHaveLength(10);
  });

  it('fires once where two stores race for every row of it', async () => {
    for (let at = 0; at < 8; at += 1) await make();
    const engine = startEngine({ maxExecutions: 0 });
    await clock.advance(50 * minuteMs);
    await Promise.all(Array.from({ length: 6 }, () => round(engine)));
    await round(engine);
    expect(await launched()).toHaveLength(8);
    const last = await Promise.all(
      (await schedules.list()).map(async ({ id }) => (await schedules.firings(id, 10)).length),
    );
    expect(last).toEqual(Array(8).fill(1));
  });

  it('launches the same execution again when the control plane died before it knew', async () => {
    const id = await make();
    const engine = startEngine({ maxExecutions: 0 });
    await clock.advance(50 * minuteMs);
    // The launch comes about, and what was to follow does not.
    const dying: Pick<Engine, 'launch' | 'cancel'> = {
      cancel: engine.cancel,
      launch: async (...call) => {
        await engine.launch(...call);
        throw new Error('killed');
      },
    };
    const settle = vi.spyOn(world.store.schedules, 'settle').mockRejectedValueOnce(new Error('killed'));
    await expect(
      fireSchedules(
        { clock, store: world.store, engine: dying, logger: silentLogger, refuseLaunch },
        { declared: true, startedAt: new Date(0) },
      ),
    ).rejects.toThrow('killed');
    settle.mockRestore();
    const [before] = await launched();
    // What a lease that has run out is.
    await world.store.schedules.postpone(id, '2026-01-01T01:00:00.000Z', 'the lease ran out', -1);
    await round(engine);
    expect(await schedules.firings(id, 10)).toMatchObject([{ status: 'launched', executionId: before?.id }]);
    expect(await launched()).toHaveLength(1);
  });
});

describe('while an execution of the schedule has not ended', () => {
  it('skips the time, and says why', async () => {
    const id = await make({ whenRunning: 'skip' });
    const engine = startEngine({ maxExecutions: 0 });
    await clock.advance(50 * minuteMs);
    await round(engine);
    const [first] = await launched();
    await clock.advance(hourMs);
    await round(engine);
    expect(await launched()).toHaveLength(1);
    expect((await schedules.firings(id, 1))[0]).toEqual({
      plannedAt: '2026-01-01T02:00:00.000Z',
      status: 'skipped',
      executionId: null,
      reason: `Execution ${first?.id} of the schedule had not ended.`,
    });
  });

  it('cancels it', async () => {
    await make({ whenRunning: 'cancel' });
    const engine = startEngine({ maxExecutions: 0 });
    await clock.advance(50 * minuteMs);
    await round(engine);
    const [first] = await launched();
    await clock.advance(hourMs);
    await round(engine);
    expect(await launched()).toHaveLength(2);
    expect((await world.ended(first?.id ?? '')).status).toBe('cancelled');
  });

  it('waits for its end, and only the newest time waits', async () => {
    const id = await make({ whenRunning: 'queue' });
    const engine = startEngine({ maxExecutions: 0 });
    await clock.advance(50 * minuteMs);
    await round(engine);
    const [first] = await launched();
    for (let hour = 0; hour < 2; hour += 1) {
      await clock.advance(hourMs);
      await round(engine);
    }
    expect(await schedules.firings(id, 3)).toMatchObject([
      {
        plannedAt: '2026-01-01T03:00:00.000Z',
        status: 'waiting',
        reason: `Waits for the end of ${first?.id}.`,
      },
      { plannedAt: '2026-01-01T02:00:00.000Z', status: 'skipped', reason: 'A later time took its place.' },
      { status: 'launched' },
    ]);
    await engine.cancel(first?.id ?? '', 'ada');
    await world.ended(first?.id ?? '');
    await vi.waitFor(
      async () => {
        await round(engine);
        expect(await launched()).toHaveLength(2);
      },
      { timeout: 60_000, interval: 200 },
    );
  });
});

describe('times at which no control plane ran', () => {
  it.each([
    ['skip', 0, 'skipped'],
    ['once', 1, 'launched'],
  ] as const)('are launched: %s', async (whenMissed, executions, status) => {
    const id = await make({ whenMissed });
    const engine = startEngine();
    await clock.advance(10 * hourMs);
    await round(engine);
    expect(await launched()).toHaveLength(executions);
    expect(await schedules.firings(id, 10)).toMatchObject([
      { plannedAt: '2026-01-01T10:00:00.000Z', status },
    ]);
    expect((await schedules.get(id)).nextTimes[0]).toBe('2026-01-01T11:00:00.000Z');
  });
});

it('records a suite that cannot be launched as failed, with the reason', async () => {
  const id = await make({ profile: 'nightly' });
  const engine = startEngine();
  await clock.advance(50 * minuteMs);
  await round(engine);
  const [firing] = await schedules.firings(id, 1);
  expect(firing).toMatchObject({ status: 'failed', executionId: null });
  expect(firing?.reason).toContain('nightly');
});

it('refuses a suite that is not there, and changes and removes what is', async () => {
  await expect(make({ suiteId: 'nothing' })).rejects.toMatchObject({ code: 'suite_not_found' });
  const id = await make();
  const changed = scheduleRequest.parse({ name: 'daily', suiteId: 'demo', cron: '@daily' });
  expect(await schedules.save(id, changed, { name: 'bob', maker: null })).toMatchObject({
    id,
    name: 'daily',
    changedBy: 'bob',
  });
  await expect(schedules.save('nothing', changed, { name: 'bob', maker: null })).rejects.toMatchObject({
    code: 'not_found',
  });
  await schedules.remove(id);
  await expect(schedules.remove(id)).rejects.toMatchObject({ code: 'not_found' });
});
