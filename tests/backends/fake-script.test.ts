import { expect, test } from 'vitest';
import { createFakeBackend, type FakeScript } from '@/lib/backends/fake/fake-backend';
import { AppError } from '@/lib/model/errors';
import { createFakeClock } from '../support/fake-clock';
import { makeStepSpec } from '../support/plan';
import { watchStep } from './contract/contract-run';

const environment = {
  executionId: 'aaaabbbbccccdddd',
  suiteId: 'suite',
  profile: 'default',
  owner: 'owner',
  deadline: '2099-01-01T00:00:00.000Z',
  services: [],
};

async function openFake(script: FakeScript) {
  const clock = createFakeClock();
  const backend = createFakeBackend({ clock }, script);
  await backend.openEnvironment(environment);
  return { clock, backend };
}

test('a script is played in the time of the clock', async () => {
  const { clock, backend } = await openFake({
    step: { startDelayMs: 100, lines: ['a', { text: 'b', afterMs: 50, stream: 'stderr' }], runsMs: 200 },
  });
  const started = clock.now().getTime();
  const watched = watchStep(backend, makeStepSpec());
  await clock.advance(99);
  expect(watched.calls).toEqual([]);
  await clock.advance(1);
  expect(watched.texts()).toEqual(['a']);
  await clock.advance(249);
  expect(backend.runningSteps(environment.executionId)).toEqual(['step']);
  await clock.advance(1);
  expect((await watched.outcome).exitCode).toBe(0);
  expect(watched.lines.map(({ atMs, stream }) => [atMs - started, stream])).toEqual([
    [100, 'stdout'],
    [150, 'stderr'],
  ]);
});

test('attempts follow their own scripts, the last one for all that come after', async () => {
  const { backend } = await openFake({ step: [{ exitCode: 1 }, { exitCode: 0 }] });
  const exitCodes = [];
  for (const attempt of [1, 2, 3]) {
    exitCodes.push((await watchStep(backend, makeStepSpec({ attempt })).outcome).exitCode);
  }
  expect(exitCodes).toEqual([1, 0, 0]);
});

test('the calls are kept in order, with what was adopted', async () => {
  const { backend } = await openFake({});
  await watchStep(backend, makeStepSpec()).outcome;
  await watchStep(backend, makeStepSpec()).outcome;
  await backend.closeEnvironment(environment.executionId);
  const { executionId } = environment;
  expect(backend.calls).toEqual([
    { name: 'openEnvironment', executionId },
    { name: 'runStep', executionId, stepId: 'step', attempt: 1, adopted: false },
    { name: 'runStep', executionId, stepId: 'step', attempt: 1, adopted: true },
    { name: 'closeEnvironment', executionId },
  ]);
});

test('a service is ready when its script says so, and runs until it is stopped', async () => {
  const { clock, backend } = await openFake({ step: { readyAfterMs: 500 } });
  const watched = watchStep(backend, makeStepSpec({ node: { kind: 'service' } }));
  await clock.advance(499);
  expect(watched.calls).toEqual(['running']);
  await clock.advance(1);
  expect(watched.calls).toEqual(['running', 'ready']);
  watched.stop('not_needed');
  expect(await watched.outcome).toMatchObject({ ended: 'stopped', exitCode: 143, signal: 'SIGTERM' });
});

test('an open that fails leaves something that close removes', async () => {
  const failure = new AppError('backend_unavailable', 'no more networks');
  const backend = createFakeBackend({ clock: createFakeClock() }, {}, { openRejects: failure });
  await expect(backend.openEnvironment(environment)).rejects.toBe(failure);
  expect(await backend.closeEnvironment(environment.executionId)).toEqual({
    created: 1,
    removed: 1,
    left: [],
  });
});

test('what cannot be removed is in the receipt', async () => {
  const left = [{ kind: 'network' as const, name: 'gantry-x', reason: 'in use' }];
  const backend = createFakeBackend({ clock: createFakeClock() }, {}, { leaves: left });
  await backend.openEnvironment(environment);
  expect(await backend.closeEnvironment(environment.executionId)).toEqual({ created: 2, removed: 1, left });
});

test('a step without an environment is refused', async () => {
  const backend = createFakeBackend({ clock: createFakeClock() });
  await expect(watchStep(backend, makeStepSpec()).outcome).rejects.toMatchObject({ code: 'backend_failed' });
});
