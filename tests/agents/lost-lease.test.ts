import { expect, it, vi } from 'vitest';
import type { ControlPlane } from '@/lib/agent/control-plane';
import { createEnvironments } from '@/lib/agent/environments';
import { createJobRunner } from '@/lib/agent/job-runner';
import type { Backend, EnvironmentResource, StepOutcome } from '@/lib/backends/backend';
import { attemptName } from '@/lib/backends/labels';
import { systemClock } from '@/lib/clock';
import { AppError } from '@/lib/model/errors';
import type { JobResult, StepJob } from '@/lib/model/job';
import { makeStepSpec } from '../support/plan';
import { silentLogger } from '../support/silent-logger';

const executionId = '0mx0000000000000';

/** Containers that go on existing once their program has ended, as Docker's do. */
function openMachine() {
  const containers = new Map<string, StepOutcome | null>();
  let opened = 0;
  const outcome = (exitCode: number): StepOutcome => ({
    ...{ ended: 'exited', exitCode, signal: null, oomKilled: false, reason: null, warnings: [] },
  });
  const environments = createEnvironments({
    async openEnvironment() {
      opened += 1;
    },
    async closeEnvironment() {
      containers.clear();
      return { created: 0, removed: 0, left: [] };
    },
    async listEnvironments() {
      const resources = [...containers.keys()].map(
        (name) => ({ kind: 'container', name }) as EnvironmentResource,
      );
      return [{ executionId, suiteId: null, owner: null, deadline: null, createdAt: null, resources }];
    },
  } as Pick<Backend, 'openEnvironment' | 'closeEnvironment' | 'listEnvironments'>);
  const backend = {
    async runStep(step, watch) {
      const name = attemptName(step);
      const known = containers.get(name);
      if (known) return known;
      containers.set(name, null);
      watch.onRunning();
      // The first one runs until it is stopped; the next one ends by itself.
      const ended = opened > 1 ? outcome(0) : await untilStopped(watch.signal);
      containers.set(name, ended);
      return ended;
    },
  } as Pick<Backend, 'runStep'> as Backend;
  const untilStopped = (signal: AbortSignal) =>
    new Promise<StepOutcome>((resolve) => {
      signal.addEventListener('abort', () => resolve(outcome(143)), { once: true });
    });
  return { environments, backend, containers };
}

function jobOf(stepId: string, delivery: number): StepJob {
  const spec = makeStepSpec({ executionId, stepId });
  return {
    ...{ kind: 'step', id: `job-${stepId}`, leaseToken: `lease-${delivery}`, leaseMs: 60_000 },
    ...{ attempt: 1, delivery, mustAdopt: false, resumeAfter: null, ackedSeq: 0, desired: 'run', graceMs: 0 },
    environment: {
      executionId,
      suiteId: 's',
      profile: 'default',
      owner: 'o',
      deadline: spec.deadline,
      services: [],
    },
    spec,
  } as StepJob;
}

function open() {
  const results: [string, JobResult][] = [];
  const losing: (() => void)[] = [];
  const plane = {
    lease: ({ leaseToken }, _waitMs, _limitMs, signal) =>
      new Promise((_resolve, reject) => {
        const lose = () => reject(new AppError('stale_fence', 'the lease is over'));
        if (leaseToken === 'lease-1') losing.push(lose);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    report: async () => {},
    sendLines: async (_held, firstSeq, lines) => firstSeq + lines.length - 1,
    complete: async ({ id }, result) => {
      results.push([id, result]);
    },
  } as Partial<ControlPlane> as ControlPlane;
  const machine = openMachine();
  const runner = createJobRunner({
    ...{ clock: systemClock, logger: silentLogger, plane, folder: '/nowhere', clockAheadMs: () => 0 },
    environments: machine.environments,
    backend: machine.backend,
  });
  return { runner, results, losing, containers: machine.containers };
}

it('a step that is delivered again while its first run is stopped for its lease begins anew', async () => {
  const { runner, results, losing } = open();
  runner.start(jobOf('check', 1), systemClock.monotonicMs());
  await vi.waitFor(() => expect(losing).toHaveLength(1), 60_000);
  runner.start(jobOf('check', 2), systemClock.monotonicMs());
  losing[0]?.();
  await runner.settled();
  expect(results).toMatchObject([['job-check', { outcome: { exitCode: 0 } }]]);
});

it('and where its container has to stay, for others of the execution run, nobody is told its exit code', async () => {
  const { runner, results, losing, containers } = open();
  runner.start(jobOf('check', 1), systemClock.monotonicMs());
  await vi.waitFor(() => expect(losing).toHaveLength(1), 60_000);
  // A service of the same execution, whose lease holds.
  const service = jobOf('service', 2);
  runner.start(service, systemClock.monotonicMs());
  await vi.waitFor(() => expect([...containers.keys()]).toContain(attemptName(service.spec)), 60_000);
  runner.start(jobOf('check', 2), systemClock.monotonicMs());
  losing[0]?.();
  await vi.waitFor(() => expect(results).toHaveLength(1), 60_000);
  expect(results).toMatchObject([
    [
      'job-check',
      { failure: { code: 'agent_lost', message: expect.stringContaining('silent for too long') } },
    ],
  ]);
  runner.detach();
  await runner.settled();
});
