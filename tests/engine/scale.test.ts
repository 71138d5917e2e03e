import { afterEach, describe, expect, it } from 'vitest';
import { makePlan } from '../support/plan';
import { expectSoundHistory, openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

describe('a suite of many steps', () => {
  it.each([
    ['5,000 side by side', 5_000, (id: number) => (id === 0 ? [] : [0])],
    ['a chain of 1,000', 1_000, (id: number) => (id === 0 ? [] : [id - 1])],
    ['5,000 in layers, with 20,000 edges', 5_000, (id: number) => layerBefore(id)],
  ])('runs to its end: %s', async (_shape, count, after) => {
    world = await openWorld();
    world.startEngine();
    const nodes = Array.from({ length: count }, (_, id) => ({
      id: `s${id}`,
      after: after(id).map((before) => `s${before}`),
    }));
    const id = await world.submit(makePlan({ nodes }));
    const execution = await world.ended(id);
    expect(execution.stepCounts).toEqual({ passed: count });
    expectSoundHistory(await world.events(id));
  });

  it('is cancelled whole', async () => {
    world = await openWorld({ script: { s0: { runsMs: 'forever' } } });
    const engine = world.startEngine();
    const nodes = Array.from({ length: 5_000 }, (_, id) => ({ id: `s${id}`, after: id === 0 ? [] : ['s0'] }));
    const id = await world.submit(makePlan({ nodes }));
    await world.until(id, ({ stepCounts }) => stepCounts.running === 1);
    await engine.cancel(id, 'ada');
    const execution = await world.ended(id);
    expect(execution.stepCounts).toEqual({ cancelled: 5_000 });
  });
});

function layerBefore(id: number): number[] {
  return [97, 98, 99, 100].map((back) => id - back).filter((before) => before >= 0);
}
