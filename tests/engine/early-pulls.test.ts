import { afterEach, expect, it } from 'vitest';
import { openGatedPulls } from '../support/gated-pulls';
import { makePlan } from '../support/plan';
import { openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

/** An execution whose step goes on until it is cancelled. */
const plan = (id: string) => makePlan({ nodes: [{ id, image: `${id}:1` }] });

it('an execution ends, and makes room for the next, while early pulls of others go on', async () => {
  world = await openWorld({ script: (step) => ({ runsMs: step.stepId === 'quick' ? 10 : 'forever' }) });
  const { pullImages, requests, open } = openGatedPulls();
  const engine = world.startEngine({
    backend: { ...world.backend, pullImages },
    limits: { maxExecutions: 4 },
  });
  const ids: string[] = [];
  for (const stepId of ['a', 'b', 'c', 'd']) {
    const id = await world.submit(plan(stepId));
    await world.until(id, ({ steps }) => steps[0]?.status === 'running');
    ids.push(id);
  }
  // No more than three are pulled at a time: the fourth execution waits for the others' pulls.
  expect(requests).toEqual(['a:1', 'b:1', 'c:1']);
  const [first = '', , , fourth = ''] = ids;
  await engine.cancel(fourth, 'ada');
  expect((await world.ended(fourth)).status).toBe('cancelled');
  expect((await world.run(plan('quick'))).status).toBe('passed');
  await engine.cancel(first, 'ada');
  expect((await world.ended(first)).status).toBe('cancelled');
  expect((await world.run(plan('quick'))).status).toBe('passed');
  open();
});

it('an execution is handed over while early pulls go on', async () => {
  world = await openWorld({ script: { only: { runsMs: 'forever' } } });
  const pullImages = () => new Promise<void>(() => {});
  const engine = world.startEngine({ backend: { ...world.backend, pullImages } });
  const id = await world.submit(makePlan());
  await world.until(id, ({ steps }) => steps[0]?.status === 'running');
  await engine.stop();
  const next = world.startEngine();
  await next.cancel(id, 'ada');
  expect((await world.ended(id)).status).toBe('cancelled');
});

it('an execution is not worse for early pulls that fail', async () => {
  world = await openWorld();
  const pullImages = async () => {
    throw new Error('the images cannot be listed');
  };
  world.startEngine({ backend: { ...world.backend, pullImages } });
  expect((await world.run(makePlan())).status).toBe('passed');
});
