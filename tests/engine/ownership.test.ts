import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeScript } from '@/lib/backends/fake/fake-backend';
import { createFakeClock, type FakeClock } from '../support/fake-clock';
import { makePlan } from '../support/plan';
import { makeFaulty } from './faulty-store';
import { expectSoundHistory, openWorld, type World } from './world';

let clock: FakeClock;
let world: World;

const hourMs = 3_600_000;

const script: FakeScript = {
  counter: { lines: ['1', later('2'), later('3'), later('4')] },
  late: { lines: ['1'], runsMs: 3 * hourMs + 2_000 },
};
function later(text: string) {
  return { text, afterMs: hourMs };
}

const plan = makePlan({
  nodes: [
    { id: 'db', kind: 'service' },
    { id: 'counter', after: ['db'], timeoutMs: 24 * hourMs },
    { id: 'last', after: ['counter'] },
  ],
});

beforeEach(async () => {
  clock = createFakeClock(Date.now());
  world = await openWorld({ script, clock });
});
afterEach(() => world.close());

/** Until the first two lines are stored. */
async function reachTheMiddle(id: string): Promise<void> {
  await world.until(id, ({ steps }) =>
    steps.some((step) => step.id === 'counter' && step.status === 'running'),
  );
  await clock.advance(hourMs);
  await advanceUntil(world.untilLines(id, 'counter', 2), 50);
}

async function advanceUntil<T>(happened: Promise<T>, byMs: number): Promise<T> {
  let isOver = false;
  const over = happened.finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(byMs);
  return over;
}

/** As when the lease has run out. */
async function loseLease(id: string): Promise<void> {
  await world.store.executions.release(id, { owner: 'engine-1', epoch: 1 });
}

function finish(id: string) {
  return advanceUntil(world.ended(id), hourMs / 2);
}

function starts(stepId: string): boolean[] {
  return world.backend.calls.flatMap((call) =>
    call.name === 'runStep' && call.stepId === stepId ? [call.adopted] : [],
  );
}

describe('the owner of an execution', () => {
  it('is replaced after a crash: attempts are adopted, nothing starts twice, every line is there once', async () => {
    const { store, fault } = makeFaulty(world.store);
    world.startEngine({ store, isDoomed: true });
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    fault.mode = 'dead';
    await loseLease(id);
    world.startEngine();
    const execution = await finish(id);
    expect(execution.status).toBe('passed');
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expect(starts('counter')).toEqual([false, true]);
    expect(starts('last')).toEqual([false]);
    const events = await world.events(id);
    expectSoundHistory(events);
    expect(events.filter((event) => event.type === 'execution.adopted')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'attempt.started')).toHaveLength(3);
  });

  it('stops no service before it is written that nothing needs it any more', async () => {
    const { store, fault } = makeFaulty(world.store);
    const { events } = store;
    // As when it dies between the two.
    const append: typeof events.append = (id, given, fence) => {
      if (given.some((event) => event.type === 'step.finished' && event.stepId === 'counter'))
        fault.mode = 'dead';
      return events.append(id, given, fence);
    };
    world.startEngine({ store: { ...store, events: { ...events, append } }, isDoomed: true });
    const id = await world.submit(makePlan({ nodes: plan.nodes.filter((node) => node.id !== 'last') }));
    await reachTheMiddle(id);
    while (fault.mode === 'fine') await clock.advance(hourMs / 2);
    await clock.advance(hourMs);
    expect(world.backend.runningSteps(id)).toEqual(['db']);
    await loseLease(id);
    world.startEngine();
    expect((await finish(id)).cause).toBeNull();
  });

  it('lets a step that is gone on with after its time say that it has ended', async () => {
    const { store, fault } = makeFaulty(world.store);
    // Its clock stands still: a process that is dead ends no step.
    world.startEngine({ store, isDoomed: true, clock: createFakeClock(clock.now().getTime()) });
    const id = await world.submit(makePlan({ nodes: [{ id: 'late', timeoutMs: hourMs }] }));
    await world.until(id, ({ steps }) => steps[0]?.status === 'running');
    fault.mode = 'dead';
    await clock.advance(3 * hourMs);
    await loseLease(id);
    world.startEngine();
    while (!starts('late').includes(true)) await clock.advance(1);
    await clock.advance(2_000);
    expect((await finish(id)).cause).toBeNull();
  });

  it('hands over when it stops: steps keep running and the next one goes on at once', async () => {
    const first = world.startEngine();
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    await first.stop();
    expect(world.backend.runningSteps(id)).toEqual(['db', 'counter']);
    world.startEngine();
    const execution = await finish(id);
    expect(execution.status).toBe('passed');
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expectSoundHistory(await world.events(id));
  });

  it('writes nothing more once it is fenced', async () => {
    world.startEngine({ limits: { maxExecutions: 1 } });
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    await loseLease(id);
    world.startEngine();
    while (!starts('counter').includes(true)) await clock.advance(10);
    const execution = await finish(id);
    expect(execution.status).toBe('passed');
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expectSoundHistory(await world.events(id));
    expect(world.backend.calls.filter((call) => call.name === 'closeEnvironment')).toHaveLength(1);
  });

  it('takes its own execution up again when its lease ran out behind its back', async () => {
    world.startEngine();
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    await loseLease(id);
    const execution = await finish(id);
    expect(execution.status).toBe('passed');
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expectSoundHistory(await world.events(id));
  });

  it('keeps within the limit of a log that the one before has filled', async () => {
    const limits = { maxLogBytesPerStep: 4 };
    const first = world.startEngine({ limits });
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    await first.stop();
    world.startEngine({ limits });
    await finish(id);
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual([
      '1',
      '2',
      expect.stringMatching(/^2 more lines .* were dropped/),
    ]);
  });

  it('is one engine of two for each of many executions', async () => {
    world.startEngine({ limits: { maxExecutions: 3 } });
    world.startEngine({ limits: { maxExecutions: 3 } });
    const ids = await Promise.all(
      Array.from({ length: 30 }, () =>
        world.submit(makePlan({ nodes: [{ id: 'a' }, { id: 'b', after: ['a'] }] })),
      ),
    );
    for (const id of ids) expect((await finish(id)).status).toBe('passed');
    // A lease is real time: on a stalled machine it may run out, and then the attempt is adopted, not begun again.
    for (const stepId of ['a', 'b'])
      expect(starts(stepId).filter((isAdopted) => !isAdopted)).toHaveLength(30);
    for (const id of ids) expectSoundHistory(await world.events(id));
  });
});

describe('a store that cannot be reached', () => {
  it.each(['down', 'lossy'] as const)('fails no run and doubles nothing (%s)', async (mode) => {
    const { store, fault } = makeFaulty(world.store);
    world.startEngine({ store });
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    fault.mode = mode;
    while (fault.faults < 5) await clock.advance(hourMs / 2);
    expect(world.backend.runningSteps(id)).toContain('db');
    fault.mode = 'fine';
    const execution = await finish(id);
    expect(execution.status).toBe('passed');
    expect((await world.lines(id, 'counter')).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expectSoundHistory(await world.events(id));
  });

  it.each(['down', 'lossy'] as const)('does not keep an engine from stopping (%s)', async (mode) => {
    const { store, fault } = makeFaulty(world.store);
    const engine = world.startEngine({ store, isDoomed: true });
    const id = await world.submit(plan);
    await reachTheMiddle(id);
    fault.mode = mode;
    while (fault.faults < 3) await clock.advance(hourMs / 2);
    await engine.stop();
    expect(world.backend.runningSteps(id)).toContain('db');
  });
});
