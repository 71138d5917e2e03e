import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeBackend } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import { giveUpOne } from '@/lib/engine/step-limits';
import { makePlan } from '../../support/plan';
import { openWorld, type World } from '../world';

/** `first` runs until it is cancelled, and `next` comes after it. */
const waiting = makePlan({ nodes: [{ id: 'first' }, { id: 'next', after: ['first'] }] });
const single = makePlan({ nodes: [{ id: 'only' }] });

describe('steps ahead on a backend whose places are few', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  function start(maxSteps: number) {
    const backend = createFakeBackend(
      { clock: systemClock },
      { first: { runsMs: 'forever' }, only: { runsMs: 'forever' } },
    );
    const engine = world.startEngine({ backend, limits: { prepareAhead: 2, maxSteps } });
    const stagesOf = async (id: string) =>
      (await world.events(id)).flatMap((event) => (event.type === 'step.ahead' ? [event.stage] : []));
    const runs = (id: string, stepId: string) =>
      world.until(id, ({ steps }) => steps.find((step) => step.id === stepId)?.status === 'running');
    return { backend, engine, stagesOf, runs };
  }

  it('prepares a step and does not start it while no place is free', async () => {
    const { engine, stagesOf, runs } = start(1);
    const id = await world.submit(waiting);
    await runs(id, 'first');
    await expect.poll(() => stagesOf(id)).toEqual(['prepared']);
    await engine.cancel(id, 'ada');
    await world.ended(id);
    expect(await stagesOf(id)).toEqual(['prepared']);
    await engine.stop();
  });

  it('gives one up that stands as soon as a step of another execution waits for a place', async () => {
    const { backend, engine, stagesOf, runs } = start(2);
    const held = await world.submit(waiting);
    await runs(held, 'first');
    await expect.poll(() => stagesOf(held)).toEqual(['prepared', 'standing']);
    const second = await world.submit(single);
    await runs(second, 'only');
    const third = await world.submit(single);
    await expect.poll(() => stagesOf(held)).toEqual(['prepared', 'standing', null]);
    await expect
      .poll(() => backend.calls.filter(({ name }) => name === 'discardStep'))
      .toEqual([{ name: 'discardStep', executionId: held, stepId: 'next', attempt: 1 }]);
    for (const id of [held, second, third]) await engine.cancel(id, 'ada');
    for (const id of [held, second, third]) await world.ended(id);
    await engine.stop();
  });

  it('spares what stands for the execution that waits, and gives up the last of the others', () => {
    const given: string[] = [];
    const standing = new Set(
      ['a', 'b', 'c'].map((executionId) => ({ executionId, giveUp: () => void given.push(executionId) })),
    );
    giveUpOne({ standing }, 'c');
    expect(given).toEqual(['b']);
    giveUpOne({ standing: new Set() }, 'c');
    expect(given).toEqual(['b']);
  });
});
