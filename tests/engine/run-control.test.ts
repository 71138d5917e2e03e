import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeScript } from '@/lib/backends/fake/fake-backend';
import { AppError } from '@/lib/model/errors';
import type { Execution } from '@/lib/model/execution';
import { createFakeClock, type FakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';
import { expectSoundHistory, openWorld, type World } from './world';

let clock: FakeClock;
let world: World;

beforeEach(() => {
  clock = createFakeClock(Date.now());
});
afterEach(() => world.close());

async function open(script: FakeScript): Promise<void> {
  world = await openWorld({ script, clock });
}

function step(execution: Execution, id: string) {
  const found = execution.steps.find((each) => each.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
}

function untilStep(id: string, stepId: string, status: string): Promise<Execution> {
  return world.until(id, (execution) => step(execution, stepId).status === status);
}

async function advanceUntil<T>(happened: Promise<T>, byMs: number): Promise<T> {
  let isOver = false;
  const over = happened.finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(byMs);
  return over;
}

describe('cancel', () => {
  it('ends an execution that is still queued without opening anything', async () => {
    await open({});
    const id = await world.submit(makePlan({ nodes: [{ id: 'a' }, { id: 'b', after: ['a'] }] }));
    await world.store.events.append(id, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
    world.startEngine();
    const execution = await world.ended(id);
    expect(execution).toMatchObject({
      status: 'cancelled',
      cause: { stepId: null, sentence: 'Cancelled by ada.' },
    });
    expect(step(execution, 'a')).toMatchObject({ status: 'cancelled', attempts: [] });
    expect(world.backend.calls.map(({ name }) => name)).not.toContain('runStep');
    expectSoundHistory(await world.events(id));
  });

  it('stops what runs, ends what waits, and removes the environment', async () => {
    await open({ long: { runsMs: 'forever' } });
    const engine = world.startEngine();
    const id = await world.submit(
      makePlan({
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'long', after: ['db'], continueOnFailure: true },
          { id: 'next', after: ['long'] },
          { id: 'diagnose', onFailure: ['long'] },
        ],
      }),
    );
    await untilStep(id, 'long', 'running');
    const summary = await engine.cancel(id, 'ada');
    expect(summary.cancelRequestedBy).toBe('ada');
    const execution = await world.ended(id);
    expect(execution.status).toBe('cancelled');
    expect(execution.steps.map(({ status }) => status)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
    expect(step(execution, 'long').result?.reason).toContain('cancelled by ada');
    expect(execution.receipt?.left).toEqual([]);
    expectSoundHistory(await world.events(id));
    await expect(engine.cancel(id, 'ada')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('kills a step that ignores SIGTERM when its grace is over, and calls it cancelled', async () => {
    await open({ stubborn: { runsMs: 'forever', ignoresSigterm: true } });
    const engine = world.startEngine();
    const id = await world.submit(makePlan({ nodes: [{ id: 'stubborn', graceMs: 10_000 }] }));
    await untilStep(id, 'stubborn', 'running');
    await engine.cancel(id, 'ada');
    await clock.whenSleeping(10_000);
    await clock.advance(10_000);
    const execution = await world.ended(id);
    expect(step(execution, 'stubborn')).toMatchObject({
      status: 'cancelled',
      result: { exitCode: 137, reason: expect.stringContaining('killed by SIGKILL after 10 s of grace') },
    });
  });

  it('ends a step that waits for its next attempt', async () => {
    await open({ flaky: { exitCode: 1 } });
    const engine = world.startEngine();
    const id = await world.submit(
      makePlan({ nodes: [{ id: 'flaky', retries: { max: 3, backoffMs: 30_000 } }] }),
    );
    await world.until(id, (execution) => step(execution, 'flaky').retryAt !== null);
    await clock.whenSleeping(30_000);
    await engine.cancel(id, 'ada');
    const execution = await world.ended(id);
    expect(step(execution, 'flaky').attempts.map(({ status }) => status)).toEqual(['failed']);
    expect(step(execution, 'flaky')).toMatchObject({
      status: 'cancelled',
      result: { reason: 'the execution was cancelled by ada, before it was tried again' },
    });
    expectSoundHistory(await world.events(id));
  });

  it('ends a step that waits for a slot, and one whose program has not started', async () => {
    await open({ slow: { startDelayMs: 60_000 }, waits: {} });
    const engine = world.startEngine({ limits: { maxSteps: 1 } });
    const id = await world.submit(makePlan({ nodes: [{ id: 'slow' }, { id: 'waits' }] }));
    await untilStep(id, 'slow', 'starting');
    await untilStep(id, 'waits', 'queued');
    await engine.cancel(id, 'ada');
    const execution = await world.ended(id);
    expect(execution.steps.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expectSoundHistory(await world.events(id));
  });

  it('still runs what always runs, once what it comes after has ended', async () => {
    await open({ long: { runsMs: 'forever' }, cleanup: { lines: ['cleaned'] } });
    const engine = world.startEngine();
    const nodes = [
      { id: 'db', kind: 'service' as const },
      { id: 'long', after: ['db'] },
      { id: 'next', after: ['long'] },
      { id: 'cleanup', after: ['long'], always: true },
    ];
    const id = await world.submit(makePlan({ nodes }));
    await untilStep(id, 'long', 'running');
    await engine.cancel(id, 'ada');
    const execution = await world.ended(id);
    expect(execution).toMatchObject({ status: 'cancelled', cause: { sentence: 'Cancelled by ada.' } });
    const statuses = Object.fromEntries(execution.steps.map((each) => [each.id, each.status]));
    expect(statuses).toEqual({ db: 'passed', long: 'cancelled', next: 'cancelled', cleanup: 'passed' });
    expect((await world.lines(id, 'cleanup')).map(({ text }) => text)).toEqual(['cleaned']);
    expectSoundHistory(await world.events(id));
  });

  it('that is forced ends what always runs, at once, and starts no more of it', async () => {
    await open({ long: { runsMs: 'forever' }, cleanup: { runsMs: 'forever', ignoresSigterm: true } });
    const engine = world.startEngine();
    const nodes = [
      { id: 'long' },
      { id: 'cleanup', after: ['long'], always: true, graceMs: 3_600_000 },
      { id: 'report', after: ['cleanup'], always: true },
    ];
    const id = await world.submit(makePlan({ nodes }));
    await untilStep(id, 'long', 'running');
    await engine.cancel(id, 'ada');
    await untilStep(id, 'cleanup', 'running');
    await engine.cancel(id, 'bob');
    await engine.cancel(id, 'bob', { force: true });
    await engine.cancel(id, 'bob', { force: true });
    await clock.whenSleeping(0);
    await clock.advance(0);
    const execution = await world.ended(id);
    expect(execution).toMatchObject({ status: 'cancelled', cause: { sentence: 'Cancelled by ada.' } });
    expect(step(execution, 'cleanup')).toMatchObject({ status: 'cancelled', result: { signal: 'SIGKILL' } });
    expect(step(execution, 'report')).toMatchObject({
      status: 'cancelled',
      attempts: [],
      result: { reason: 'the execution was cancelled by ada, before it started' },
    });
    const events = await world.events(id);
    const forced = events.map((event) => event.type === 'execution.cancel_requested' && event.force);
    expect(forced.filter((each) => each !== false)).toEqual([undefined, true]);
    expectSoundHistory(events);
  });

  it('that was forced is seen by the control plane that adopts the execution', async () => {
    await open({ long: { runsMs: 'forever' }, cleanup: { runsMs: 'forever' } });
    const first = world.startEngine();
    const nodes = [{ id: 'long' }, { id: 'cleanup', after: ['long'], always: true }];
    const id = await world.submit(makePlan({ nodes }));
    await untilStep(id, 'long', 'running');
    await first.cancel(id, 'ada');
    await untilStep(id, 'cleanup', 'running');
    await first.stop();
    const forced = { type: 'execution.cancel_requested' as const, by: 'bob', force: true };
    await world.store.events.append(id, [forced], null);
    world.startEngine();
    const execution = await world.ended(id);
    expect(step(execution, 'cleanup').status).toBe('cancelled');
    expect(execution.status).toBe('cancelled');
  });

  it('of an execution of which nothing has run runs nothing, not even what always runs', async () => {
    await open({ cleanup: {} });
    const id = await world.submit(makePlan({ nodes: [{ id: 'first' }, { id: 'cleanup', always: true }] }));
    await world.store.events.append(id, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
    world.startEngine();
    const execution = await world.ended(id);
    expect(execution.steps.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });

  it('is seen by whoever adopts the execution', async () => {
    await open({ long: { runsMs: 'forever' } });
    const first = world.startEngine();
    const id = await world.submit(makePlan({ nodes: [{ id: 'long' }, { id: 'next', after: ['long'] }] }));
    await untilStep(id, 'long', 'running');
    await first.stop();
    await world.store.events.append(id, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
    world.startEngine();
    const execution = await world.ended(id);
    expect(execution).toMatchObject({ status: 'cancelled', cause: { sentence: 'Cancelled by ada.' } });
    expect(step(execution, 'long').result).toMatchObject({
      exitCode: 143,
      reason: 'the execution was cancelled by ada',
    });
    expect(step(execution, 'next').result?.reason).toBe(
      'the execution was cancelled by ada, before it started',
    );
    expect(world.backend.runningSteps(id)).toEqual([]);
    expectSoundHistory(await world.events(id));
  });
});

describe('a time limit', () => {
  it('of a step ends it as timed out, not as failed with 137', async () => {
    await open({ hang: { runsMs: 'forever', ignoresSigterm: true } });
    world.startEngine();
    const id = await world.submit(
      makePlan({
        nodes: [
          { id: 'hang', timeoutMs: 3_000, graceMs: 2_000 },
          { id: 'next', after: ['hang'] },
        ],
      }),
    );
    await untilStep(id, 'hang', 'running');
    const execution = await advanceUntil(world.ended(id), 1_000);
    expect(step(execution, 'hang')).toMatchObject({
      status: 'timed_out',
      result: { reason: expect.stringMatching(/^timed out after 3 s/) },
    });
    expect(step(execution, 'next').status).toBe('skipped');
    expect(execution).toMatchObject({ status: 'timed_out', cause: { stepId: 'hang' } });
  });

  it('of the execution ends everything', async () => {
    await open({ long: { runsMs: 'forever' } });
    world.startEngine();
    const id = await world.submit(
      makePlan({
        timeoutMs: 600_000,
        nodes: [
          { id: 'db', kind: 'service' },
          { id: 'long', after: ['db'], timeoutMs: 3_600_000 },
          { id: 'diagnose', onFailure: ['long'] },
        ],
      }),
    );
    await untilStep(id, 'long', 'running');
    await clock.advance(600_000);
    const execution = await world.ended(id);
    expect(execution).toMatchObject({
      status: 'timed_out',
      cause: { sentence: 'The execution took longer than its limit of 10 min.' },
    });
    expect(step(execution, 'long').status).toBe('timed_out');
    expect(step(execution, 'diagnose').status).toBe('cancelled');
    expectSoundHistory(await world.events(id));
  });

  it('does not hold for a service', async () => {
    await open({ long: { runsMs: 7_200_000 } });
    world.startEngine();
    const nodes = [
      { id: 'db', kind: 'service' as const, timeoutMs: 1_000 },
      { id: 'long', after: ['db'], timeoutMs: 9_000_000 },
    ];
    const id = await world.submit(makePlan({ nodes }));
    await untilStep(id, 'long', 'running');
    await clock.advance(7_200_000);
    expect((await world.ended(id)).status).toBe('passed');
  });
});

describe('retries', () => {
  it('wait twice as long each time, and the last attempt counts', async () => {
    await open({ flaky: [{ exitCode: 1 }, { exitCode: 2 }, { exitCode: 0 }] });
    world.startEngine();
    const id = await world.submit(
      makePlan({ nodes: [{ id: 'flaky', retries: { max: 2, backoffMs: 1_700 } }] }),
    );
    await clock.whenSleeping(1_700);
    await clock.advance(1_700);
    await clock.whenSleeping(3_400);
    await clock.advance(3_400);
    const execution = await world.ended(id);
    expect(execution).toMatchObject({ status: 'passed', cause: null });
    expect(step(execution, 'flaky').attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'passed'],
    ]);
  });

  it('are for what the backend could not do as well, and end with its reason', async () => {
    await open({ pull: { rejects: new AppError('backend_failed', 'The daemon is gone.') } });
    world.startEngine();
    const id = await world.submit(makePlan({ nodes: [{ id: 'pull', retries: { max: 1, backoffMs: 10 } }] }));
    const execution = await advanceUntil(world.ended(id), 10);
    expect(step(execution, 'pull').attempts).toHaveLength(2);
    expect(execution).toMatchObject({
      status: 'errored',
      cause: { sentence: '`pull` errored: The daemon is gone.' },
    });
  });

  it('start a service again until it was ready, but not after', async () => {
    await open({
      db: [
        { runsMs: 0, exitCode: 1, readyAfterMs: 60_000 },
        { runsMs: 5_000, exitCode: 1 },
      ],
      long: { runsMs: 'forever' },
    });
    world.startEngine();
    const db = { id: 'db', kind: 'service' as const, retries: { max: 5, backoffMs: 10 } };
    const id = await world.submit(
      makePlan({ nodes: [db, { id: 'long', after: ['db'], timeoutMs: 20_000 }] }),
    );
    const execution = await advanceUntil(world.ended(id), 1_000);
    expect(step(execution, 'db').attempts.map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(execution.cause?.stepId).toBe('db');
  });

  it('go on where another engine left them', async () => {
    await open({ flaky: [{ exitCode: 1 }, { exitCode: 0 }] });
    const first = world.startEngine();
    const id = await world.submit(
      makePlan({ nodes: [{ id: 'flaky', retries: { max: 1, backoffMs: 60_000 } }] }),
    );
    await world.until(id, (execution) => step(execution, 'flaky').retryAt !== null);
    await first.stop();
    world.startEngine();
    await world.until(id, ({ lastEventSeq }) => lastEventSeq >= 7);
    const execution = await advanceUntil(world.ended(id), 60_000);
    expect(step(execution, 'flaky').attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 'failed'],
      [2, 'passed'],
    ]);
  });
});

describe('the limit of steps', () => {
  it('counts steps that run and services that start, not services that are up', async () => {
    await open((spec) => ({ runsMs: spec.node.kind === 'service' ? 'forever' : 1_000 }));
    world.startEngine({ limits: { maxSteps: 2 } });
    const services = ['s1', 's2', 's3'].map((id) => ({ id, kind: 'service' as const }));
    const tasks = ['a', 'b', 'c', 'd'].map((id) => ({ id, after: ['s1', 's2', 's3'] }));
    const id = await world.submit(makePlan({ nodes: [...services, ...tasks] }));
    await untilStep(id, 'd', 'queued');
    await untilStep(id, 'b', 'running');
    expect(world.backend.runningSteps(id)).toEqual(['s1', 's2', 's3', 'a', 'b']);
    const execution = await advanceUntil(world.ended(id), 1_000);
    expect(execution.status).toBe('passed');
  });
});

describe('an environment that was left behind', () => {
  it('is removed by the next start when its execution has ended, and only then', async () => {
    await open({ long: { runsMs: 'forever' } });
    const first = world.startEngine();
    const ended = await world.run(makePlan());
    const id = await world.submit(makePlan({ nodes: [{ id: 'long', timeoutMs: 10 * 24 * 3_600_000 }] }));
    await untilStep(id, 'long', 'running');
    await first.stop();
    const environment = {
      suiteId: 'suite',
      profile: 'default',
      owner: 'engine-1',
      deadline: '',
      services: [],
    };
    await world.backend.openEnvironment({ executionId: ended.id, ...environment });
    await world.backend.openEnvironment({ executionId: 'unknownunknown00', ...environment });
    world.startEngine();
    const listed = async () => (await world.backend.listEnvironments()).map(({ executionId }) => executionId);
    while ((await listed()).includes(ended.id)) await clock.advance(1_000);
    expect(await listed()).toEqual([id, 'unknownunknown00']);
  });
});
