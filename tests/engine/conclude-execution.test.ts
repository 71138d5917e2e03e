import { describe, expect, it } from 'vitest';
import { concludeExecution, interruptionOf } from '@/lib/engine/conclude-execution';
import { executionFromFirstEvent } from '@/lib/model/apply-event';
import type { Execution, Step } from '@/lib/model/execution';
import type { PlannedNode } from '@/lib/model/node';
import { makePlan } from '../support/plan';

interface Ended {
  status: Step['status'];
  reason?: string;
  /** Seconds after the start. */
  at?: number;
}

function time(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
}

function execution(
  steps: Record<string, Ended>,
  more: Partial<Execution> = {},
  nodes: (Partial<PlannedNode> & { id: string })[] = Object.keys(steps).map((id, index) => ({ id, index })),
): Execution {
  const plan = makePlan({ nodes });
  const created = executionFromFirstEvent('e', {
    seq: 1,
    at: time(0),
    type: 'execution.created',
    suite: plan.suite,
    profile: plan.profile,
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    warnings: [],
    steps: plan.nodes.map(({ id, name, kind, index, after, onFailure }) => ({
      id,
      name,
      kind,
      index,
      after,
      onFailure,
    })),
  });
  return {
    ...created,
    startedAt: time(0),
    ...more,
    steps: created.steps.map((step) => {
      const { status, reason, at } = steps[step.id] ?? { status: 'passed' };
      const result = { exitCode: null, signal: null, oomKilled: false, reason: reason ?? null };
      return { ...step, status, result, finishedAt: at === undefined ? null : time(at) };
    }),
  };
}

const sentence = (given: Execution) => concludeExecution(given, null).cause?.sentence;

describe('how an execution ended', () => {
  it('is passed when no step ended badly, skipped ones and all', () => {
    expect(concludeExecution(execution({ a: { status: 'passed' }, b: { status: 'skipped' } }), null)).toEqual(
      {
        status: 'passed',
        cause: null,
      },
    );
  });

  it.each([
    ['failed', 'failed', '`b` failed: exit code 3, expected 0.'],
    ['errored', 'errored', '`b` errored: exit code 3, expected 0.'],
    ['timed_out', 'timed_out', '`b` timed out: exit code 3, expected 0.'],
    ['cancelled', 'failed', '`b` was cancelled: exit code 3, expected 0.'],
  ] as const)('is told by a step that %s', (status, expected, words) => {
    const given = execution({
      a: { status: 'passed' },
      b: { status, reason: 'exit code 3, expected 0.', at: 1 },
    });
    expect(concludeExecution(given, null)).toEqual({
      status: expected,
      cause: { stepId: 'b', sentence: words },
    });
  });

  it('is a failure before a time-out before an error, whichever came first', () => {
    const failed = { status: 'failed', at: 9 } as const;
    const late = { status: 'timed_out', at: 5 } as const;
    const errored = { status: 'errored', at: 1 } as const;
    const end = (steps: Record<string, Ended>) => concludeExecution(execution(steps), null);
    expect(end({ a: errored, b: late, c: failed })).toMatchObject({
      status: 'failed',
      cause: { stepId: 'c' },
    });
    expect(end({ a: errored, b: late })).toMatchObject({ status: 'timed_out', cause: { stepId: 'b' } });
    expect(end({ a: errored })).toMatchObject({ status: 'errored', cause: { stepId: 'a' } });
  });

  it('is told by the first of equal ones in the plan, whichever came first', () => {
    const steps = { a: { status: 'failed', at: 5 }, b: { status: 'failed', at: 3 } } as const;
    expect(concludeExecution(execution(steps), null).cause?.stepId).toBe('a');
  });

  it('is told by a cancelled one only when nothing else went wrong', () => {
    expect(sentence(execution({ a: { status: 'cancelled', at: 1 }, b: { status: 'failed', at: 3 } }))).toBe(
      '`b` failed.',
    );
  });

  it('is told by the service whose end made others fail', () => {
    const nodes = [
      { id: 'check', kind: 'test' as const, index: 0, after: ['api'] },
      { id: 'api', kind: 'service' as const, index: 1 },
    ];
    const given = execution(
      { check: { status: 'failed', at: 5 }, api: { status: 'errored', at: 3 } },
      {},
      nodes,
    );
    expect(concludeExecution(given, null)).toMatchObject({ status: 'errored', cause: { stepId: 'api' } });
  });

  it('is told by a test, and not by the service that went wrong when it was stopped afterwards', () => {
    const nodes = [
      { id: 'api', kind: 'service' as const, index: 0 },
      { id: 'check', kind: 'test' as const, index: 1, after: ['api'] },
    ];
    const given = execution(
      { api: { status: 'failed', at: 6 }, check: { status: 'failed', at: 5 } },
      {},
      nodes,
    );
    expect(concludeExecution(given, null).cause?.stepId).toBe('check');
  });

  it('is the interruption where there was one', () => {
    const given = execution({ a: { status: 'failed', at: 1 }, b: { status: 'cancelled', at: 2 } });
    expect(concludeExecution(given, { why: 'cancelled', by: 'ada' })).toEqual({
      status: 'cancelled',
      cause: { stepId: null, sentence: 'Cancelled by ada.' },
    });
    expect(concludeExecution(given, { why: 'timed_out', sentence: 'Too long.' })).toEqual({
      status: 'timed_out',
      cause: { stepId: 'a', sentence: 'Too long.' },
    });
    expect(concludeExecution(given, { why: 'errored', sentence: 'No subnet.' })).toEqual({
      status: 'errored',
      cause: { stepId: null, sentence: 'No subnet.' },
    });
  });
});

describe('the interruption that someone before us made', () => {
  const plan = makePlan({ timeoutMs: 60_000 });

  it('is a cancellation when it was asked for and steps were cancelled', () => {
    const asked = { cancelRequestedAt: time(1), cancelRequestedBy: 'ada' };
    expect(interruptionOf(execution({ a: { status: 'cancelled', at: 2 } }, asked), plan)).toEqual({
      why: 'cancelled',
      by: 'ada',
    });
    expect(interruptionOf(execution({ a: { status: 'running' } }, asked), plan)).toBeNull();
  });

  it('is the time limit when steps were cut short after it, and not before', () => {
    expect(interruptionOf(execution({ a: { status: 'cancelled', at: 61 } }), plan)).toEqual({
      why: 'timed_out',
      sentence: 'The execution took longer than its limit of 1 min.',
    });
    expect(interruptionOf(execution({ a: { status: 'timed_out', at: 30 } }), plan)).toBeNull();
    expect(interruptionOf(execution({ a: { status: 'cancelled', at: 61 } }), makePlan())).toBeNull();
  });
});
