import { describe, expect, it } from 'vitest';
import { applyEvents, executionFromFirstEvent } from '@/lib/model/apply-event';
import type { ExecutionEvent, NewEvent } from '@/lib/model/event';

const passed = { exitCode: 0, signal: null, oomKilled: false, reason: null };
const failed = { exitCode: 3, signal: null, oomKilled: false, reason: 'exit code 3, expected 0' };

function number(events: NewEvent[]): ExecutionEvent[] {
  return events.map((event, index) => ({
    ...event,
    seq: index + 1,
    at: new Date(1_800_000_000_000 + index * 1_000).toISOString(),
  }));
}

const planned = (id: string, index: number, after: string[] = []) => ({
  id,
  name: id,
  kind: 'task' as const,
  index,
  after,
  onFailure: [],
});

const history = number([
  {
    type: 'execution.created',
    suite: { id: 'shop', title: 'Shop', repository: null, version: null },
    profile: 'default',
    backend: { id: 'local', kind: 'local', label: 'Docker' },
    author: 'ada',
    labels: {},
    warnings: [],
    steps: [planned('one', 0), planned('two', 1, ['one'])],
  },
  { type: 'execution.started', owner: 'here' },
  { type: 'step.queued', stepId: 'one' },
  { type: 'attempt.started', stepId: 'one', attempt: 1 },
  { type: 'attempt.running', stepId: 'one', attempt: 1 },
  {
    type: 'attempt.finished',
    stepId: 'one',
    attempt: 1,
    status: 'failed',
    result: failed,
    warnings: [],
    retryAt: '2027-01-15T08:00:09.000Z',
  },
  { type: 'attempt.started', stepId: 'one', attempt: 2 },
  {
    type: 'attempt.finished',
    stepId: 'one',
    attempt: 2,
    status: 'passed',
    result: passed,
    warnings: [],
    retryAt: null,
  },
  { type: 'step.finished', stepId: 'one', status: 'passed', result: passed },
  { type: 'step.finished', stepId: 'two', status: 'skipped', result: { ...passed, exitCode: null } },
  { type: 'execution.finished', status: 'passed', cause: null },
]);

function replay(upTo = history.length) {
  const [first, ...rest] = history.slice(0, upTo);
  if (!first) throw new Error('no history');
  return applyEvents(executionFromFirstEvent('x1', first), rest);
}

describe('applyEvents', () => {
  it('keeps both attempts of a step that was tried again, and its last result', () => {
    const step = replay().steps[0];

    expect(step?.attempts.map((attempt) => attempt.status)).toEqual(['failed', 'passed']);
    expect(step).toMatchObject({ status: 'passed', result: passed, retryAt: null });
  });

  it('says that a step waits for its next attempt', () => {
    expect(replay(6).steps[0]).toMatchObject({ status: 'queued', retryAt: '2027-01-15T08:00:09.000Z' });
  });

  it('counts steps by status at every event', () => {
    for (let upTo = 1; upTo <= history.length; upTo++) {
      const execution = replay(upTo);
      const counted: Record<string, number> = {};
      for (const step of execution.steps) counted[step.status] = (counted[step.status] ?? 0) + 1;
      expect(execution.stepCounts).toEqual(counted);
    }
  });

  it('answers the same for one batch, for single events, and for events that come twice', () => {
    const [first, ...rest] = history;
    if (!first) throw new Error('no history');
    let single = executionFromFirstEvent('x1', first);
    for (const event of rest) single = applyEvents(applyEvents(single, [event]), [event]);

    expect(single).toEqual(replay());
  });

  it('leaves the execution it was given as it was', () => {
    const before = replay(3);
    const copy = structuredClone(before);
    applyEvents(before, history.slice(3));

    expect(before).toEqual(copy);
  });

  it('needs only the steps that the events name', () => {
    const whole = replay(3);
    const part = { ...whole, steps: whole.steps.filter((step) => step.id === 'one') };
    const event = history[3];
    if (!event) throw new Error('no event');

    expect(applyEvents(part, [event]).stepCounts).toEqual(applyEvents(whole, [event]).stepCounts);
  });

  it('refuses an event of a step that it does not know', () => {
    const event: ExecutionEvent = {
      type: 'step.queued',
      stepId: 'nobody',
      seq: 99,
      at: '2027-01-15T08:00:09.000Z',
    };

    expect(() => applyEvents(replay(1), [event])).toThrow('event 99 names the unknown step nobody');
  });
});
