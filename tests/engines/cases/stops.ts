import { expect } from 'vitest';
import { launchSuite, readEnded, runSuite, secondsBetween, untilExecution } from '../suite-run';
import type { Case, OwnSuites } from './case';

const isRunning =
  (id: string) => (execution: { steps: { id: string; attempts: { runningAt: unknown }[] }[] }) =>
    execution.steps.some(
      (step) => step.id === id && step.attempts.some(({ runningAt }) => runningAt !== null),
    );

/** Cleans up outside although the run was cancelled. */
export const stopSuites: OwnSuites = {
  'queue-roomy': {
    timeout: '20s',
    concurrency: { group: 'queue-roomy', max: 1 },
    defaults: { image: 'gantry/toolbox:local' },
    steps: { one: { kind: 'test', run: 'sleep 8' } },
  },
  'cancel-cleanup-always': {
    defaults: { image: 'gantry/toolbox:local' },
    steps: {
      long: { kind: 'test', run: ['sleep', '600'] },
      cleanup: { kind: 'task', run: 'echo cleaning the cloud account', after: ['long'], always: true },
      never: { kind: 'task', run: 'echo never', after: ['long'] },
    },
  },
};

/** What happens when steps and executions are stopped, and how long it takes. */
export const stopCases: Case[] = [
  {
    folder: 'cancel-cleanup',
    onProcesses: true,
    title: 'a cancel lets services flush, keeps what was written, and runs what says `always`',
    async run(api) {
      const id = await launchSuite(api, 'cancel-cleanup');
      await untilExecution(api, id, isRunning('long'));
      // Until its handler of SIGTERM is there.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await api.post(`/api/v1/executions/${id}/cancel`, {});
      return readEnded(api, id);
    },
    async check({ execution, statuses, printed, artifacts }, api) {
      expect(execution.status).toBe('cancelled');
      expect(statuses()).toMatchObject({ long: 'cancelled', cleanup: 'cancelled' });
      expect(printed('db')).toEqual(['db flushed']);
      expect(printed('long')).toEqual(['saved']);
      expect(printed('cleanup')).toEqual([]);
      expect(artifacts).toMatchObject([{ stepId: 'long', path: 'partial.txt', bytes: 4 }]);
      expect(execution.receipt?.left).toEqual([]);
      const id = await launchSuite(api, 'cancel-cleanup-always');
      await untilExecution(api, id, isRunning('long'));
      await api.post(`/api/v1/executions/${id}/cancel`, {});
      const always = await readEnded(api, id);
      expect(always.execution.status).toBe('cancelled');
      expect(always.statuses()).toEqual({ long: 'cancelled', cleanup: 'passed', never: 'cancelled' });
      expect(always.printed('cleanup')).toEqual(['cleaning the cloud account']);
    },
  },
  {
    folder: 'stop-grace',
    onProcesses: true,
    title: 'each service drains for 1.5 s, behind a shell or a pipe too',
    check({ execution, artifacts, printed }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      const services = ['direct', 'execd', 'one', 'piped', 'two', 'two-after'];
      expect(artifacts.map(({ path }) => path).sort()).toEqual(services.map((id) => `${id}.txt`).sort());
      for (const id of services) {
        expect(printed(id), id).toContain('TERM, draining');
        expect(printed(id), id).toContain('drained');
      }
    },
  },
  {
    folder: 'ok-stops',
    onProcesses: true,
    title: 'what services do when they are stopped does not count',
    check({ execution, seconds, printed, step }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(printed('exit1')).toEqual(['bye, no newline', 'last words']);
      expect(printed('shell')).toContain('child got TERM');
      expect(printed('stubborn', 'system').join()).toContain('killed by SIGKILL after 3 s of grace');
      const testEnded = step('test').finishedAt;
      const afterTest = (id: string) => secondsBetween(testEnded, step(id).finishedAt);
      expect(seconds('test')).toBeGreaterThan(2);
      expect(afterTest('pid1')).toBeLessThan(5);
      expect(afterTest('stubborn')).toBeGreaterThan(2.9);
      expect(afterTest('stubborn')).toBeLessThan(12);
    },
  },
  {
    folder: 'ok-queue',
    onProcesses: true,
    title: 'three at once pass one after the other: the limit does not count while they wait',
    async run(api) {
      // The same with more room: a busy machine takes seconds to start and remove what a run needs.
      const others = [runSuite(api, 'queue-roomy'), runSuite(api, 'queue-roomy')];
      const last = await runSuite(api, 'queue-roomy');
      const all = [...(await Promise.all(others)), last].map(({ execution }) => execution);
      for (const { status, cause } of all) expect(status, cause?.sentence).toBe('passed');
      const ordered = all.sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
      for (const [index, { startedAt }] of ordered.entries()) {
        const before = ordered[index - 1]?.finishedAt ?? startedAt;
        expect(secondsBetween(before, startedAt)).toBeGreaterThanOrEqual(0);
      }
      expect(secondsBetween(ordered[0]?.createdAt ?? null, ordered[2]?.finishedAt ?? null)).toBeGreaterThan(
        24,
      );
      return runSuite(api, 'ok-queue');
    },
    check({ execution }) {
      expect(execution.status, execution.cause?.sentence).toBe('passed');
      expect(secondsBetween(execution.startedAt, execution.finishedAt)).toBeGreaterThan(5);
    },
  },
];
