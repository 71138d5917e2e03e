import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewEvent } from '@/lib/model/event';
import type { Store } from '@/lib/store/store';
import { openTestStore } from '../support/database';
import { claimedExecution, newExecution } from './make-execution';

let store: Store;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ store, close } = await openTestStore());
});
afterAll(() => close());

const noResult = { exitCode: null, signal: null, oomKilled: false, reason: null };
const warning = (message: string): NewEvent => ({ type: 'execution.warning', message });

test('twenty writers at once get numbers without gaps, and the state holds every event', async () => {
  const { id, fence } = await claimedExecution(store);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, writer) =>
      store.events.append(id, [warning(`${writer} a`), warning(`${writer} b`)], fence),
    ),
  );
  const seqs = answers.flat().map((event) => event.seq);
  expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 2));
  const stored = await store.events.read(id, 0, 1_000);
  expect(stored.map((event) => event.seq)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  expect((await store.executions.get(id))?.warnings).toHaveLength(40);
  expect((await store.executions.get(id))?.lastEventSeq).toBe(41);
});

test('events of different steps that are written at once are all applied', async () => {
  const steps = Array.from({ length: 10 }, (_, index) => `step-${index}`);
  const { id, fence } = await claimedExecution(store, { steps });
  await Promise.all(
    steps.map(async (stepId) => {
      await store.events.append(id, [{ type: 'step.queued', stepId }], fence);
      await store.events.append(id, [{ type: 'attempt.started', stepId, attempt: 1 }], fence);
      await store.events.append(
        id,
        [
          { type: 'attempt.running', stepId, attempt: 1 },
          {
            type: 'attempt.finished',
            stepId,
            attempt: 1,
            status: 'passed',
            result: noResult,
            warnings: [],
            retryAt: null,
          },
          { type: 'step.finished', stepId, status: 'passed', result: noResult },
        ],
        fence,
      );
    }),
  );
  const execution = await store.executions.get(id);
  expect(execution?.stepCounts).toEqual({ passed: 10 });
  expect(execution?.steps.map((step) => [step.id, step.status, step.attempts.length])).toEqual(
    steps.map((id) => [id, 'passed', 1]),
  );
});

test('what the events make of an execution is what get answers', async () => {
  const { id, fence } = await claimedExecution(store, { steps: ['a', 'b'] });
  const { applyEvents, executionFromFirstEvent } = await import('@/lib/model/apply-event');
  await store.events.append(id, [{ type: 'execution.started', owner: 'x' }], fence);
  await store.events.append(id, [{ type: 'step.queued', stepId: 'b' }], fence);
  await store.events.append(
    id,
    [
      { type: 'attempt.started', stepId: 'b', attempt: 1 },
      {
        type: 'attempt.phase',
        stepId: 'b',
        attempt: 1,
        phase: { name: 'pulling', detail: '40 %', at: '2026-01-01T00:00:00.100Z' },
      },
    ],
    fence,
  );
  await store.events.append(
    id,
    [
      {
        type: 'attempt.finished',
        stepId: 'b',
        attempt: 1,
        status: 'failed',
        result: { exitCode: 2, signal: null, oomKilled: false, reason: 'exit code 2' },
        warnings: ['careful'],
        retryAt: '2026-01-01T00:00:10.000Z',
      },
      { type: 'attempt.started', stepId: 'b', attempt: 2 },
      {
        type: 'step.finished',
        stepId: 'b',
        status: 'failed',
        result: { ...noResult, exitCode: 2 },
      },
      { type: 'step.finished', stepId: 'a', status: 'skipped', result: noResult },
      { type: 'environment.closed', receipt: { created: 2, removed: 2, left: [] } },
      { type: 'execution.finished', status: 'failed', cause: { stepId: 'b', sentence: 'b failed' } },
    ],
    fence,
  );
  const [first, ...rest] = await store.events.read(id, 0, 100);
  if (!first) throw new Error('no first event');
  expect(await store.executions.get(id)).toEqual(applyEvents(executionFromFirstEvent(id, first), rest));
});

test('a writer whose execution was taken over is fenced and writes nothing', async () => {
  const { id, fence } = await claimedExecution(store);
  await store.executions.release(id, fence);
  const [next] = await store.executions.claim('control-plane-2', 60_000, 100);
  expect(next).toMatchObject({ id, fence: { epoch: fence.epoch + 1 } });
  await expect(store.events.append(id, [warning('late')], fence)).rejects.toMatchObject({ code: 'fenced' });
  expect(await store.events.read(id, 1, 100)).toEqual([]);
});

test('without a fence only a request to cancel is taken', async () => {
  const { summary } = await store.executions.create(newExecution());
  await store.events.append(summary.id, [{ type: 'execution.cancel_requested', by: 'ada' }], null);
  expect(await store.executions.summary(summary.id)).toMatchObject({ cancelRequestedBy: 'ada' });
  await expect(store.events.append(summary.id, [warning('no')], null)).rejects.toMatchObject({
    code: 'fenced',
  });
});

test('an unknown execution, an unknown step and an ended execution are refused by their codes', async () => {
  const { id, fence } = await claimedExecution(store);
  await expect(store.events.append('nobody', [warning('x')], fence)).rejects.toMatchObject({
    code: 'execution_not_found',
  });
  await expect(
    store.events.append(id, [{ type: 'step.queued', stepId: '__proto__' }], fence),
  ).rejects.toMatchObject({ code: 'step_not_found' });
  await store.events.append(id, [{ type: 'execution.finished', status: 'passed', cause: null }], fence);
  await expect(store.events.append(id, [warning('x')], fence)).rejects.toMatchObject({ code: 'conflict' });
  await expect(
    store.events.append(id, [{ type: 'execution.cancel_requested', by: 'ada' }], null),
  ).rejects.toMatchObject({ code: 'conflict' });
});

test('text that PostgreSQL refuses is stored in a form that can be seen', async () => {
  const { id, fence } = await claimedExecution(store);
  await store.events.append(id, [warning('nul \0, half \ud800 pair, \\u0000 written out')], fence);
  const [event] = await store.events.read(id, 1, 1);
  expect(event).toMatchObject({ message: 'nul \u2400, half \ufffd pair, \\u0000 written out' });
});

test('a writer who says what it knows writes the same, and loses nothing that came from others', async () => {
  const { id, fence } = await claimedExecution(store, { steps: ['one', 'two'] });
  const known = await store.executions.get(id);
  expect(await store.events.append(id, [{ type: 'step.queued', stepId: 'one' }], fence, known)).toMatchObject(
    [{ seq: 2 }],
  );
  const cancel: NewEvent = { type: 'execution.cancel_requested', by: 'ada' };
  await store.events.append(id, [cancel], null);
  // Two events behind.
  expect(await store.events.append(id, [{ type: 'step.queued', stepId: 'two' }], fence, known)).toMatchObject(
    [{ seq: 4 }],
  );
  expect(await store.executions.get(id)).toMatchObject({
    cancelRequestedBy: 'ada',
    lastEventSeq: 4,
    stepCounts: { queued: 2 },
    steps: [{ status: 'queued' }, { status: 'queued' }],
  });
});

test('of many writers who know the same, each writes once', async () => {
  const { id, fence } = await claimedExecution(store);
  const known = await store.executions.get(id);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, writer) =>
      store.events.append(id, [warning(String(writer))], fence, known),
    ),
  );
  const seqs = answers.flat().map((event) => event.seq);
  expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  expect((await store.executions.get(id))?.warnings).toHaveLength(20);
  expect(await store.events.read(id, 0, 100)).toHaveLength(21);
});

test('to know an execution does not help a writer that has lost it, nor one that has ended', async () => {
  const { id, fence } = await claimedExecution(store);
  const known = await store.executions.get(id);
  const late = store.events.append(id, [warning('late')], { ...fence, epoch: fence.epoch - 1 }, known);
  await expect(late).rejects.toMatchObject({ code: 'fenced' });
  const end: NewEvent = { type: 'execution.finished', status: 'passed', cause: null };
  await store.events.append(id, [end], fence, known);
  await expect(store.events.append(id, [warning('later')], fence, known)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await store.events.read(id, 0, 100)).toHaveLength(2);
});
