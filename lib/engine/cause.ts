import type { Cause, Execution, Step } from '../model/execution';
import type { Plan } from '../model/plan';
import { type FinalExecutionStatus, isUnsuccessful } from '../model/status';
import { duration } from './evaluate';
import { words } from './flow';

/** What ended a run before its steps did. */
export type Interruption =
  | { why: 'cancelled'; by: string }
  | { why: 'timed_out'; sentence: string }
  | { why: 'errored'; sentence: string };

/**
 * The interruption that a control plane before us made, as far as the steps show it: an execution is only cut
 * short by a request to cancel, by its time limit, or by fail_fast, which is no interruption.
 */
export function interruptionBefore(execution: Execution, plan: Plan): Interruption | null {
  const cut = execution.steps.filter((step) => step.status === 'cancelled' || step.status === 'timed_out');
  if (execution.cancelRequestedAt && cut.some((step) => step.status === 'cancelled')) {
    return { why: 'cancelled', by: execution.cancelRequestedBy ?? 'someone' };
  }
  if (plan.timeoutMs === null || !execution.startedAt) return null;
  const limitMs = Date.parse(execution.startedAt) + plan.timeoutMs;
  const wasLate = cut.some((step) => step.finishedAt !== null && Date.parse(step.finishedAt) >= limitMs);
  return wasLate ? { why: 'timed_out', sentence: limitSentence(plan.timeoutMs) } : null;
}

export function limitSentence(timeoutMs: number): string {
  return `The execution took longer than its limit of ${duration(timeoutMs)}.`;
}

/**
 * How an execution ended and why: an interruption, else the first step in time that went wrong. One that only
 * skipped steps because nothing failed has passed.
 */
export function concludeExecution(
  execution: Execution,
  interruption: Interruption | null,
): { status: FinalExecutionStatus; cause: Cause | null } {
  const first = firstUnsuccessful(execution.steps);
  if (interruption?.why === 'cancelled') {
    return { status: 'cancelled', cause: { stepId: null, sentence: `Cancelled by ${interruption.by}.` } };
  }
  if (interruption?.why === 'timed_out') {
    return { status: 'timed_out', cause: { stepId: first?.id ?? null, sentence: interruption.sentence } };
  }
  if (interruption?.why === 'errored') {
    return { status: 'errored', cause: { stepId: null, sentence: interruption.sentence } };
  }
  if (!first) return { status: 'passed', cause: null };
  const status = first.status === 'errored' || first.status === 'timed_out' ? first.status : 'failed';
  const reason = first.result?.reason?.replace(/\.$/, '');
  return {
    status,
    cause: {
      stepId: first.id,
      sentence: `\`${first.id}\` ${words(first.status)}${reason ? `: ${reason}` : ''}.`,
    },
  };
}

function firstUnsuccessful(steps: readonly Step[]): Step | null {
  let first: Step | null = null;
  for (const step of steps) {
    // A step is cancelled because of something else, unless nothing else went wrong.
    if (!isUnsuccessful(step.status)) continue;
    if (!first || rank(step) < rank(first)) first = step;
  }
  return first;
}

function rank(step: Step): string {
  return `${step.status === 'cancelled' ? 1 : 0} ${step.finishedAt ?? ''}`;
}
