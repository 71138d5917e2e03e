import { afterEach, expect, test } from 'vitest';
import type { FakeScript } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import type { KeepRule } from '@/lib/model/keep-alive';
import { makeNode, makePlan } from '../../support/plan';
import { expectSoundHistory, openWorld, type World } from '../world';

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const hour = 3_600_000;
const ada = { by: 'ada', force: false };

/** A service, and a task that needs it. */
function planOf(keep: KeepRule | null) {
  const nodes = [
    makeNode({ id: 'api', kind: 'service' }),
    makeNode({ id: 'test', kind: 'test', after: ['api'] }),
  ];
  return { ...makePlan({ nodes }), keep };
}

async function open(script: FakeScript = {}) {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  world = await openWorld({ script, clock });
  const { environments } = world.startEngine();
  return {
    world,
    environments,
    pass: (ms: number) => {
      aheadMs += ms;
    },
  };
}

test('an environment that is kept outlives its execution, its services up', async () => {
  const { world, environments, pass } = await open();
  const execution = await world.run(planOf({ when: 'always', forMs: hour }));
  expect(execution).toMatchObject({ status: 'passed', receipt: null });
  expect(execution.steps.map(({ id, status }) => [id, status])).toEqual([
    ['api', 'passed'],
    ['test', 'passed'],
  ]);
  expect(execution.steps[0]?.result?.reason).toContain('kept up until');
  expectSoundHistory(await world.events(execution.id));
  expect(world.backend.runningSteps(execution.id)).toEqual(['api']);
  const [kept] = (await environments.take()).environments;
  expect(kept).toMatchObject({ id: execution.id, state: 'kept', keptUntil: expect.any(String) });

  const { keptUntil } = await environments.extend(execution.id, 3 * hour);
  pass(2 * hour);
  expect((await environments.take()).environments).toMatchObject([{ state: 'kept', keptUntil }]);
  pass(2 * hour);
  expect((await environments.take()).environments).toMatchObject([{ zombieCause: 'deadline' }]);
  await expect(environments.extend(execution.id, hour)).rejects.toMatchObject({ code: 'conflict' });

  expect(await environments.reap(execution.id, ada)).toMatchObject({
    outcome: 'removed',
    receipt: { created: 3, removed: 3, left: [] },
  });
  expect(world.backend.runningSteps(execution.id)).toEqual([]);
});

test('on_failure keeps what failed, and removes what passed', async () => {
  const { world } = await open({ test: [{ exitCode: 1 }] });
  const failed = await world.run(planOf({ when: 'on_failure', forMs: hour }));
  expect(failed).toMatchObject({ status: 'failed', receipt: null });
  expect(world.backend.runningSteps(failed.id)).toEqual(['api']);
});

test('on_failure removes what passed, services in the end too', async () => {
  const { world } = await open();
  const passed = await world.run(planOf({ when: 'on_failure', forMs: hour }));
  expect(passed).toMatchObject({ status: 'passed', receipt: { created: 3, removed: 3, left: [] } });
  expect(world.backend.runningSteps(passed.id)).toEqual([]);
});

test('a cancelled execution keeps nothing', async () => {
  const { world } = await open({ test: { runsMs: 'forever' } });
  const id = await world.submit(planOf({ when: 'always', forMs: hour }));
  await world.until(id, ({ steps }) => steps[1]?.status === 'running');
  await world.store.events.append(id, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
  world.store.notifier.notify('cancel');
  expect(await world.ended(id)).toMatchObject({ status: 'cancelled', receipt: { left: [] } });
  expect(world.backend.runningSteps(id)).toEqual([]);
});
