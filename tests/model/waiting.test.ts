import { expect, it } from 'vitest';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { NewEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import { explainSteps, waitingSteps } from '@/lib/model/waiting';
import { makePlan } from '../support/plan';

const plan = makePlan({
  nodes: [
    { id: 'db', kind: 'service' },
    { id: 'seed', kind: 'task' },
    { id: 'test', after: ['db', 'seed'] },
  ],
});
const at = '2026-01-01T00:00:00.000Z';

/** What each step waits for after these events. */
function waiting(...events: NewEvent[]): Record<string, string | null> {
  return Object.fromEntries(
    explainSteps(executionAfter(events)).steps.map((step) => [step.id, step.waitsFor]),
  );
}

function briefly(...events: NewEvent[]): Record<string, string> {
  const waits = [...waitingSteps(executionAfter(events))];
  return Object.fromEntries(waits.map(([id, { brief }]) => [id, brief]));
}

function executionAfter(events: NewEvent[]): Execution {
  const { suite, profile, nodes } = plan;
  const backend = { id: 'local', kind: 'local', label: 'Docker' } as const;
  const steps = nodes.map(({ id, name, kind, index, after, onFailure }) => {
    return { id, name, kind, index, after, onFailure };
  });
  const created = { suite, profile, backend, author: 'ada', labels: {}, warnings: [], steps, seq: 1, at };
  const start = executionFromFirstEvent('id', { type: 'execution.created', ...created });
  const numbered = events.map((event, index) => ({ ...event, seq: index + 2, at }));
  return applyEvents(start, numbered);
}

const started: NewEvent = { type: 'execution.started', owner: 'owner' };

it('is said of every step that has not started, in one sentence', () => {
  expect(waiting()).toMatchObject({ db: 'Waiting for its execution to start.' });
  expect(waiting(started)).toEqual({
    db: 'Waiting for the environment.',
    seed: 'Waiting for the environment.',
    test: 'Waiting for `db`, which waits itself, and for 1 more.',
  });
  expect(
    waiting(
      started,
      { type: 'step.queued', stepId: 'seed', waitsFor: 'Waiting for the only step slot on `local`.' },
      { type: 'attempt.started', stepId: 'db', attempt: 1 },
      { type: 'attempt.running', stepId: 'db', attempt: 1 },
    ),
  ).toEqual({
    db: null,
    seed: 'Waiting for the only step slot on `local`.',
    test: 'Waiting for `db`, which runs, and for 1 more.',
  });
});

it('is also said in a few words, of the steps of a run that has begun', () => {
  const begun: NewEvent[] = [started, { type: 'attempt.started', stepId: 'db', attempt: 1 }];
  expect(briefly()).toEqual({ test: 'waits for db +1' });
  expect(briefly(...begun)).toEqual({ seed: 'waits to start', test: 'waits for db +1' });
  const upAndQueued: NewEvent[] = [
    ...begun,
    { type: 'attempt.ready', stepId: 'db', attempt: 1 },
    { type: 'step.queued', stepId: 'seed' },
  ];
  expect(briefly(...upAndQueued)).toEqual({ seed: 'waits for a place', test: 'waits for seed' });
  const cause = null;
  expect(briefly(...begun, { type: 'execution.finished', status: 'cancelled', cause })).toEqual({});
});

it('names what is missing alone, and the time of the next attempt', () => {
  const result = { exitCode: 1, signal: null, oomKilled: false, reason: 'exit code 1' };
  const retryAt = '2026-01-01T00:00:05.000Z';
  expect(
    waiting(
      started,
      { type: 'attempt.started', stepId: 'db', attempt: 1 },
      { type: 'attempt.ready', stepId: 'db', attempt: 1 },
      { type: 'attempt.started', stepId: 'seed', attempt: 1 },
      {
        type: 'attempt.finished',
        stepId: 'seed',
        attempt: 1,
        status: 'failed',
        result,
        warnings: [],
        retryAt,
      },
    ),
  ).toEqual({
    db: null,
    seed: `Is tried again at ${retryAt}: exit code 1.`,
    test: 'Waiting for `seed`, which waits for a free place.',
  });
});
