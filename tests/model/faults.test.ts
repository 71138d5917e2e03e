import { describe, expect, it } from 'vitest';
import type { Step } from '@/lib/model/execution';
import { actionText, describeFaults } from '@/lib/model/faults';

const action = { sentence: 'raise `timeout` (1 s)', key: 'timeout', file: 'suite.yaml', line: 41 };

function step(id: string, index: number, more: Partial<Step>): Step {
  return {
    id,
    name: id,
    kind: 'task',
    index,
    after: [],
    onFailure: [],
    status: 'passed',
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    attempts: [],
    result: null,
    reports: [],
    takeOver: null,
    waitsFor: null,
    ...more,
  };
}

function result(reason: string, more: Partial<NonNullable<Step['result']>> = {}): Step['result'] {
  return { exitCode: 1, signal: null, oomKilled: false, reason, ...more };
}

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

describe('the faults of an execution', () => {
  it('are in the order of the plan, each with its line, its action and what it took along', () => {
    const steps = [
      step('b', 1, {
        status: 'timed_out',
        finishedAt: at(1),
        result: result('timed out after 1 s', { action }),
      }),
      step('a', 0, {
        status: 'failed',
        finishedAt: at(9),
        result: result('exit code 3, expected 0.', { line: 'cannot read the configuration' }),
      }),
      step('c', 2, { status: 'skipped', after: ['a'] }),
      step('d', 3, { status: 'skipped', after: ['c', 'b'] }),
      step('e', 4, { status: 'skipped', onFailure: ['f'] }),
      step('f', 5, {}),
    ];
    expect(describeFaults(steps)).toEqual([
      {
        stepId: 'a',
        status: 'failed',
        sentence: 'exit code 3, expected 0',
        line: 'cannot read the configuration',
        action: null,
        consequences: ['c', 'd'],
      },
      {
        stepId: 'b',
        status: 'timed_out',
        sentence: 'timed out after 1 s',
        line: null,
        action,
        consequences: [],
      },
    ]);
  });

  it('are the service that died, with the step that needed it as its consequence', () => {
    const steps = [
      step('check', 0, {
        status: 'failed',
        after: ['api'],
        finishedAt: at(5),
        result: result('exit code 1'),
      }),
      step('api', 1, { kind: 'service', status: 'failed', finishedAt: at(3), result: result('exited') }),
    ];
    expect(describeFaults(steps).map(({ stepId, consequences }) => [stepId, consequences])).toEqual([
      ['api', ['check']],
    ]);
  });

  it('are none of a run that was cancelled', () => {
    expect(
      describeFaults([step('a', 0, { status: 'cancelled', result: result('cancelled by ada') })]),
    ).toEqual([]);
  });

  it('are none while all is well', () => {
    expect(describeFaults([step('a', 0, {}), step('b', 1, { status: 'running' })])).toEqual([]);
  });
});

describe('an action as text', () => {
  it('names the line where it is known', () => {
    expect(actionText(action)).toBe('raise `timeout` (1 s) at suite.yaml:41');
    expect(actionText({ ...action, line: null })).toBe('raise `timeout` (1 s)');
  });
});
