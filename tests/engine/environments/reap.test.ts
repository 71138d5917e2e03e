import { afterEach, describe, expect, test } from 'vitest';
import type { EnvironmentSpec } from '@/lib/backends/backend';
import type { FakeBackendOptions, FakeScript } from '@/lib/backends/fake/fake-backend';
import { systemClock } from '@/lib/clock';
import type { ReapProgress } from '@/lib/model/environment';
import { makeNode, makePlan } from '../../support/plan';
import { openWorld, type World } from '../world';

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

const forever: FakeScript = { serve: { runsMs: 'forever' } };
const ada = { by: 'ada', force: false };

/** A world with an engine, and an environment that no execution explains. */
async function open(options: FakeBackendOptions = {}, script: FakeScript = {}) {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  world = await openWorld({ script, options, clock });
  const engine = world.startEngine();
  return {
    world,
    environments: engine.environments,
    backend: world.backend,
    pass: (ms: number) => {
      aheadMs += ms;
    },
    leave: (executionId: string, own: Partial<EnvironmentSpec> = {}) =>
      openLeft(world?.backend, executionId, own),
  };
}

async function openLeft(
  backend: World['backend'] | undefined,
  executionId: string,
  own: Partial<EnvironmentSpec>,
) {
  await backend?.openEnvironment({
    executionId,
    suiteId: 'hello',
    profile: 'default',
    owner: 'gone',
    deadline: '2099-01-01T00:00:00.000Z',
    services: [],
    ...own,
  });
}

const sleeper = () => makePlan({ nodes: [makeNode({ id: 'serve', kind: 'task' })] });

describe('a reap', () => {
  test('of a zombie removes it, tells each removal, and again finds nothing', async () => {
    const { environments, leave, pass } = await open();
    await leave('left-behind');
    expect((await environments.take()).environments).toMatchObject([{ id: 'left-behind', state: 'ending' }]);
    pass(61_000);
    expect((await environments.take()).environments).toMatchObject([
      { id: 'left-behind', state: 'zombie', zombieCause: 'unknown', suiteId: 'hello', execution: null },
    ]);
    const said: ReapProgress[] = [];
    const result = await environments.reap('left-behind', ada, (progress) => said.push(progress));
    expect(result).toEqual({
      id: 'left-behind',
      outcome: 'removed',
      receipt: { created: 1, removed: 1, left: [] },
      reason: null,
    });
    expect(said).toEqual([
      { type: 'removing', id: 'left-behind' },
      { type: 'removed', id: 'left-behind', kind: 'network', name: 'gantry-left-behind' },
      { type: 'done', result },
    ]);
    expect((await environments.take()).environments).toEqual([]);
    await expect(environments.reap('left-behind', ada)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('says what could not be removed', async () => {
    const left = [{ kind: 'network' as const, name: 'gantry-x', reason: 'it is in use' }];
    const { environments, leave } = await open({ leaves: left });
    await leave('stuck');
    expect(await environments.reap('stuck', ada)).toMatchObject({ outcome: 'left', receipt: { left } });
  });

  test('of what runs is refused and touches nothing; forced it cancels first and waits', async () => {
    const { world, environments, backend } = await open({}, forever);
    const id = await world.submit(sleeper());
    await world.until(id, ({ steps }) => steps[0]?.status === 'running');
    const before = backend.calls.length;
    expect(await environments.reap(id, ada)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('runs'),
    });
    expect(backend.calls.length).toBe(before);
    const said: string[] = [];
    const forced = await environments.reap(id, { by: 'ada', force: true }, ({ type }) => said.push(type));
    expect(said[0]).toBe('cancelling');
    expect(forced.outcome).toBe('removed');
    const execution = await world.ended(id);
    expect(execution).toMatchObject({
      status: 'cancelled',
      cancelRequestedBy: 'ada',
      receipt: { created: 2, removed: 2, left: [] },
    });
    // Of an execution that is known and whose environment is gone: nothing to do.
    expect(await environments.reap(id, ada)).toMatchObject({ outcome: 'removed', receipt: { created: 0 } });
  });

  test('that is asked for twice at the same time is done once', async () => {
    const { environments, leave, backend } = await open();
    await leave('twice');
    const results = await Promise.all([environments.reap('twice', ada), environments.reap('twice', ada)]);
    expect(results[0]).toEqual(results[1]);
    expect(backend.calls.filter(({ name }) => name === 'closeEnvironment')).toHaveLength(1);
  });

  test('of all zombies spares what runs; of everything it takes that too when forced', async () => {
    const { world, environments, leave, pass } = await open({}, forever);
    const id = await world.submit(sleeper());
    await world.until(id, ({ steps }) => steps[0]?.status === 'running');
    await leave('left-1');
    await leave('left-2');
    pass(61_000);
    const zombies = await environments.reapAll('zombies', ada);
    expect(zombies.map((each) => [each.id, each.outcome]).sort()).toEqual([
      ['left-1', 'removed'],
      ['left-2', 'removed'],
    ]);
    expect(await environments.reapAll('all', ada)).toMatchObject([{ id, outcome: 'refused' }]);
    expect(await environments.reapAll('all', { by: 'ada', force: true })).toMatchObject([
      { id, outcome: 'removed' },
    ]);
    expect((await environments.take()).environments).toEqual([]);
  });
});

test('a backend that goes away is shown as such, with what was there', async () => {
  const { environments, leave, backend } = await open();
  await leave('far-away');
  await environments.take();
  backend.listEnvironments = async () => {
    throw new Error('the daemon is gone');
  };
  const inventory = await environments.take();
  expect(inventory.environments).toMatchObject([{ id: 'far-away' }]);
  expect(inventory.backends).toMatchObject([
    { id: 'local', isReachable: false, reason: 'the daemon is gone', seenAt: expect.any(String) },
  ]);
  expect(inventory.warnings).toEqual([expect.stringContaining('the daemon is gone')]);
});
