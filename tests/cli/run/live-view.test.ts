import { expect, it } from 'vitest';
import { describeEnd } from '@/lib/cli/run/describe-end';
import { drawSteps } from '@/lib/cli/run/live-view';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { ExecutionEvent, NewEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';

const startMs = Date.parse('2026-01-31T12:00:00.000Z');
const result = { exitCode: 1, signal: null, oomKilled: false, reason: 'exit code 1, expected 0' };

function executionAfter(steps: [id: string, after: string[]][], ...events: NewEvent[]): Execution {
  const created: NewEvent = {
    type: 'execution.created',
    suite: { id: 'shop', title: 'Shop', repository: null, version: null },
    profile: 'default',
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    warnings: [],
    steps: steps.map(([id, after], index) => ({
      id,
      name: id,
      kind: 'task',
      index,
      after,
      onFailure: [],
    })),
  };
  const numbered = [created, ...events].map(
    (event, index): ExecutionEvent => ({
      ...event,
      seq: index + 1,
      at: new Date(startMs + index * 1_000).toISOString(),
    }),
  );
  const [first, ...rest] = numbered;
  if (!first) throw new Error('no event');
  return applyEvents(executionFromFirstEvent('x', first), rest);
}

const started = (stepId: string): NewEvent[] => [
  { type: 'step.queued', stepId },
  { type: 'attempt.started', stepId, attempt: 1 },
  { type: 'attempt.running', stepId, attempt: 1 },
];

it('draws state, elapsed time, the last line, the reason and what is waited for', () => {
  const execution = executionAfter(
    [
      ['db', []],
      ['api/migrate', []],
      ['smoke', ['db']],
    ],
    { type: 'execution.started', owner: 'a' },
    ...started('db'),
    ...started('api/migrate'),
    {
      type: 'attempt.finished',
      stepId: 'api/migrate',
      attempt: 1,
      status: 'failed',
      result,
      warnings: [],
      retryAt: null,
    },
    { type: 'step.finished', stepId: 'api/migrate', status: 'failed', result },
  );
  const lines = new Map([['db', '\u001b[31mready\u001b[0m to\u0007 accept']]);
  expect(drawSteps(execution, lines, startMs + 63_000, 20)).toEqual([
    '◐ db              1:00 min  ready to accept',
    '✕   api/migrate      3.0 s  exit code 1, expected 0',
    '○ smoke                     waits for db',
  ]);
});

it('leaves out what waits and what passed before what runs and what failed', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const execution = executionAfter(
    ids.map((id): [string, string[]] => [id, []]),
    { type: 'execution.started', owner: 'a' },
    ...started('f'),
    ...started('e'),
    { type: 'step.finished', stepId: 'e', status: 'failed', result },
  );
  const rows = drawSteps(execution, new Map(), startMs + 60_000, 3);
  expect(rows).toHaveLength(3);
  expect(rows.map((row) => row.slice(0, 3))).toEqual(['✕ e', '◐ f', '  a']);
  expect(rows[2]).toBe('  and 4 more steps');
});

it('the end of a run has every warning of its attempts, each once, and a step that passed on a retry', () => {
  const fine = { exitCode: 0, signal: null, oomKilled: false, reason: null };
  const execution = executionAfter(
    [['api', []]],
    ...started('api'),
    {
      ...{ type: 'attempt.finished', stepId: 'api', attempt: 1, status: 'failed', result },
      ...{ warnings: ['big.bin could not be kept'], retryAt: new Date(startMs).toISOString() },
    },
    { type: 'attempt.started', stepId: 'api', attempt: 2 },
    {
      ...{ type: 'attempt.finished', stepId: 'api', attempt: 2, status: 'passed', result: fine },
      ...{ warnings: ['big.bin could not be kept', 'a child ran out of memory'], retryAt: null },
    },
    { type: 'step.finished', stepId: 'api', status: 'passed', result: fine },
  );
  expect(describeEnd(execution, null).slice(1)).toEqual([
    'Warnings:',
    '  api: big.bin could not be kept',
    '  api: a child ran out of memory',
    '  api: it passed in attempt 2, and not before',
  ]);
});
