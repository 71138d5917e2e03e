import { describe, expect, it } from 'vitest';
import { spanMs } from '@/app/(console)/executions/[id]/steps/phases';
import { countGroups, stepRows } from '@/app/(console)/executions/[id]/steps/step-groups';
import type { Step } from '@/lib/model/execution';

function step(id: string, status: Step['status']): Step {
  return {
    id,
    name: id,
    kind: 'task',
    index: 0,
    after: [],
    onFailure: [],
    status,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    attempts: [],
    result: null,
    reports: [],
    takeOver: null,
    waitsFor: null,
  };
}

const many = [
  ...Array.from({ length: 20 }, (_, at) => step(`ok-${at}`, 'passed')),
  step('late', 'timed_out'),
  step('bad', 'failed'),
  step('now', 'running'),
  step('next', 'queued'),
];
const all = { state: null, find: '' };
const words = (rows: ReturnType<typeof stepRows>) =>
  rows.map((row) => (row.kind === 'step' ? row.step.id : `${row.count} ${row.label}`));

describe('the list of steps', () => {
  it('shows up to twelve as the plan has them', () => {
    const few = many.slice(10, 22);
    expect(words(stepRows(few, all, new Set()))).toEqual(few.map(({ id }) => id));
  });

  it('shows of more what did not pass first, and folds what passed', () => {
    expect(words(stepRows(many, all, new Set()))).toEqual([
      '2 did not pass',
      'late',
      'bad',
      '1 running',
      'now',
      '1 waiting',
      'next',
      '20 passed',
    ]);
    expect(words(stepRows(many, all, new Set(['passed'])))).toHaveLength(28);
    expect(words(stepRows(many, all, new Set(['failed']))).slice(0, 2)).toEqual([
      '2 did not pass',
      '1 running',
    ]);
  });

  it('unfolds all that a filter leaves', () => {
    expect(words(stepRows(many, { state: 'failed', find: '' }, new Set()))).toEqual(['bad']);
    expect(words(stepRows(many, { state: null, find: ' OK-1' }, new Set()))).toHaveLength(11);
    expect(stepRows(many, { state: 'failed', find: 'ok' }, new Set())).toEqual([]);
  });

  it('is counted by state, the worst first', () => {
    expect(countGroups({ passed: 2, skipped: 4, failed: 14, timed_out: 2, errored: 0 })).toEqual([
      { state: 'failed', words: 'failed', count: 14 },
      { state: 'timed_out', words: 'timed out', count: 2 },
      { state: 'skipped', words: 'skipped', count: 4 },
      { state: 'passed', words: 'passed', count: 2 },
    ]);
  });
});

describe('the clock that the bars share', () => {
  it('is rounded up while it runs, and exact afterwards', () => {
    expect(spanMs(3_200, false)).toBe(5_000);
    expect(spanMs(5_001, false)).toBe(10_000);
    expect(spanMs(3_700_000, false)).toBe(7_200_000);
    expect(spanMs(3_200, true)).toBe(3_200);
    expect(spanMs(0, true)).toBe(1_000);
  });
});
