import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '@/lib/clock';
import { makePlan } from '../support/plan';
import { openWorld, type World } from './world';

let world: World;

beforeEach(async () => {
  world = await openWorld({ script: { slow: { startDelayMs: 500, runsMs: 'forever' } } });
});
afterEach(() => world.close());

const plan = makePlan({
  nodes: [
    { id: 'db', kind: 'service' },
    { id: 'slow', after: ['db'] },
  ],
});

it('a phase that lasts is recorded, one that was over before is not told of what runs', async () => {
  const engine = world.startEngine();
  const id = await world.submit(plan);
  const running = await world.until(id, ({ steps }) => steps[1]?.status === 'running');
  expect(running.steps[0]?.status).toBe('ready');
  expect(running.steps.map(({ attempts }) => attempts[0]?.phase)).toEqual([null, null]);
  // A phase is recorded 300 ms after it was seen.
  await systemClock.sleep(400);
  await engine.cancel(id, 'ada');
  await world.ended(id);
  const events = await world.events(id);
  const seen = events.flatMap((event) => (event.type === 'attempt.phase' ? [event] : []));
  const startOf = (stepId: string) =>
    seen.filter((event) => event.stepId === stepId && event.phase.name === 'creating').length;
  expect([startOf('db'), startOf('slow')]).toEqual([0, 1]);
});
