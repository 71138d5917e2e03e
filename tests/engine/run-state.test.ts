import { expect, test } from 'vitest';
import { createRunState } from '@/lib/engine/run-state';
import { executionFromFirstEvent } from '@/lib/model/apply-event';
import type { ExecutionEvent } from '@/lib/model/event';
import { makePlan } from '../support/plan';

const at = '2026-01-01T00:00:00.000Z';
const plan = makePlan({ nodes: [{ id: 'one' }, { id: 'two' }] });
const created: ExecutionEvent = {
  type: 'execution.created',
  seq: 1,
  at,
  suite: plan.suite,
  profile: 'default',
  backend: { id: 'local', kind: 'local', label: 'Scripted' },
  author: 'ada',
  labels: {},
  warnings: [],
  steps: plan.nodes.map(({ id, name, kind, index, after, onFailure }) => ({
    ...{ id, name, kind, index, after, onFailure },
  })),
};
const queued = (seq: number, stepId: string): ExecutionEvent => ({ seq, at, type: 'step.queued', stepId });

test('what is known is all that has happened, or nothing', () => {
  const state = createRunState(executionFromFirstEvent('e1', created));
  state.apply([queued(2, 'one')]);
  expect(state.current([{ type: 'step.queued', stepId: 'two' }])).toMatchObject({
    lastEventSeq: 2,
    stepCounts: { queued: 1, pending: 1 },
    steps: [{ id: 'two' }],
  });
  // Someone's request to cancel was the third.
  state.apply([queued(4, 'two')]);
  expect(state.current([{ type: 'execution.warning', message: 'x' }])).toBeNull();
});
