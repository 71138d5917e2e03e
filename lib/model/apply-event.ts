import { countFlaky } from './cases/count-flaky';
import type { ExecutionEvent } from './event';
import type { Attempt, Execution, Step } from './execution';
import { isFinalStep, type StepStatus } from './status';

/**
 * The one mapping from history to state. The store calls it inside the transaction that appends, the browser
 * on what the stream delivers. Pure: returns a new execution and leaves the given one as it was. Events at or
 * below `lastEventSeq` are ignored, so that applying twice is applying once.
 *
 * `execution` may hold only some of the steps, as long as it holds those that the events name: counts are
 * kept by differences.
 */
export function applyEvents(execution: Execution, events: readonly ExecutionEvent[]): Execution {
  const next: Execution = { ...execution, steps: execution.steps, stepCounts: { ...execution.stepCounts } };
  const positions = new Map(execution.steps.map((step, position) => [step.id, position]));
  let copied = false;
  for (const event of events) {
    if (event.seq <= next.lastEventSeq) continue;
    next.lastEventSeq = event.seq;
    applyToExecution(next, event);
    if (!('stepId' in event)) continue;
    const position = positions.get(event.stepId);
    const before = position === undefined ? undefined : next.steps[position];
    if (position === undefined || !before)
      throw new Error(`event ${event.seq} names the unknown step ${event.stepId}`);
    if (!copied) next.steps = [...next.steps];
    copied = true;
    const after = applyToStep(before, event);
    next.steps[position] = after;
    if (after.status !== before.status) moveCount(next, before.status, after.status);
    if (event.type === 'step.finished' && after !== before) next.flakyCases += countFlaky(after);
  }
  return next;
}

/** The execution that `execution.created` makes. Throws when the first event is another one. */
export function executionFromFirstEvent(id: string, event: ExecutionEvent): Execution {
  if (event.type !== 'execution.created') throw new Error(`execution ${id} begins with ${event.type}`);
  const steps = event.steps.map(
    (planned): Step => ({
      ...planned,
      status: 'pending',
      queuedAt: null,
      startedAt: null,
      finishedAt: null,
      retryAt: null,
      attempts: [],
      result: null,
      reports: [],
      takeOver: planned.takeOver ?? null,
      waitsFor: null,
    }),
  );
  return {
    id,
    suite: event.suite,
    profile: event.profile,
    backend: event.backend,
    status: 'queued',
    author: event.author,
    labels: event.labels,
    createdAt: event.at,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    cancelRequestedBy: null,
    cause: null,
    rerunOf: event.rerunOf ?? null,
    waitsFor: null,
    flakyCases: 0,
    stepCounts: steps.length > 0 ? { pending: steps.length } : {},
    lastEventSeq: event.seq,
    steps,
    warnings: event.warnings,
    receipt: null,
    outputRemovedAt: null,
  };
}

function applyToExecution(execution: Execution, event: ExecutionEvent): void {
  switch (event.type) {
    case 'execution.started':
      execution.status = 'running';
      execution.startedAt = event.at;
      break;
    case 'execution.warning':
      execution.warnings = [...execution.warnings, event.message];
      break;
    case 'execution.cancel_requested':
      execution.cancelRequestedAt ??= event.at;
      execution.cancelRequestedBy ??= event.by;
      break;
    case 'environment.closed':
      execution.receipt = event.receipt;
      break;
    case 'execution.finished':
      execution.status = event.status;
      execution.finishedAt = event.at;
      execution.cause = event.cause;
      break;
  }
}

function applyToStep(step: Step, event: ExecutionEvent & { stepId: string }): Step {
  switch (event.type) {
    case 'step.queued':
      return { ...step, status: 'queued', queuedAt: event.at, waitsFor: event.waitsFor ?? null };
    case 'attempt.started':
      return {
        ...step,
        status: 'starting',
        startedAt: step.startedAt ?? event.at,
        retryAt: null,
        waitsFor: null,
        attempts: [...step.attempts, newAttempt(event.attempt, event.at)],
      };
    case 'attempt.phase':
      return changeAttempt(step, event.attempt, { phase: event.phase });
    case 'attempt.running':
      return changeAttempt({ ...step, status: 'running' }, event.attempt, {
        status: 'running',
        runningAt: event.at,
        phase: null,
      });
    case 'attempt.ready':
      return changeAttempt({ ...step, status: 'ready' }, event.attempt, {
        status: 'ready',
        readyAt: event.at,
        phase: null,
      });
    case 'attempt.finished':
      return changeAttempt(
        { ...step, status: event.retryAt ? 'queued' : step.status, retryAt: event.retryAt },
        event.attempt,
        {
          status: event.status,
          result: event.result,
          warnings: event.warnings,
          ...(event.outputs ? { outputs: event.outputs } : {}),
          phase: null,
          finishedAt: event.at,
        },
      );
    case 'step.report':
      return { ...step, reports: [...step.reports, event.report] };
    case 'step.finished':
      if (isFinalStep(step.status)) return step;
      return {
        ...step,
        status: event.status,
        result: event.result,
        finishedAt: event.at,
        retryAt: null,
        waitsFor: null,
      };
    default:
      return step;
  }
}

function newAttempt(number: number, at: string): Attempt {
  return {
    number,
    status: 'starting',
    phase: null,
    startedAt: at,
    runningAt: null,
    readyAt: null,
    finishedAt: null,
    result: null,
    warnings: [],
  };
}

function changeAttempt(step: Step, number: number, change: Partial<Attempt>): Step {
  return {
    ...step,
    attempts: step.attempts.map((attempt) =>
      attempt.number === number ? { ...attempt, ...change } : attempt,
    ),
  };
}

function moveCount(execution: Execution, from: StepStatus, to: StepStatus): void {
  const left = (execution.stepCounts[from] ?? 0) - 1;
  if (left > 0) execution.stepCounts[from] = left;
  else delete execution.stepCounts[from];
  execution.stepCounts[to] = (execution.stepCounts[to] ?? 0) + 1;
}
