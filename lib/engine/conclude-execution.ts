import type { Cause, Execution } from '../model/execution';
import { faultsOf } from '../model/faults';
import type { Plan } from '../model/plan';
import type { FinalExecutionStatus } from '../model/status';
import { formatDuration } from './evaluate-attempt';
import { formatStatus } from './flow';

/** What ended a run before its steps did. */
export type Interruption =
  | { why: 'cancelled'; by: string }
  | { why: 'timed_out'; sentence: string }
  | { why: 'errored'; sentence: string };

/**
 * The interruption that a control plane before us made, as far as the steps show it: an execution is only cut
 * short by a request to cancel, by its time limit, or by fail_fast, which is no interruption.
 */
export function interruptionOf(execution: Execution, plan: Plan): Interruption | null {
  const cut = execution.steps.filter((step) => step.status === 'cancelled' || step.status === 'timed_out');
  if (execution.cancelRequestedAt && cut.some((step) => step.status === 'cancelled')) {
    return { why: 'cancelled', by: execution.cancelRequestedBy ?? 'someone' };
  }
  if (plan.timeoutMs === null || !execution.startedAt) return null;
  const limitMs = Date.parse(execution.startedAt) + plan.timeoutMs;
  const wasLate = cut.some((step) => step.finishedAt !== null && Date.parse(step.finishedAt) >= limitMs);
  return wasLate ? { why: 'timed_out', sentence: limitReason(plan.timeoutMs) } : null;
}

export function limitReason(timeoutMs: number): string {
  return `The execution took longer than its limit of ${formatDuration(timeoutMs)}.`;
}

/** The same for a step that it ends. */
export function formatLimit({ timeoutMs }: Plan): string {
  return `the execution's limit of ${formatDuration(timeoutMs ?? 0)} ran out`;
}

/** The worst that the suite's own steps tell comes first. */
const severity = ['failed', 'timed_out', 'errored'] as const;

/**
 * How an execution ended and why. An interruption counts before all else; then a fault of `failed` before one of
 * `timed_out` before one of `errored`, and of equal ones the first in the order of `faultsOf`: never the first in time, so
 * that the same faults give the same end. A run that only skipped steps because nothing failed has passed.
 */
export function concludeExecution(
  execution: Execution,
  interruption: Interruption | null,
): { status: FinalExecutionStatus; cause: Cause | null } {
  const faults = faultsOf(execution.steps);
  if (interruption?.why === 'cancelled') {
    return { status: 'cancelled', cause: { stepId: null, sentence: `Cancelled by ${interruption.by}.` } };
  }
  if (interruption?.why === 'timed_out') {
    const stepId = faults[0]?.id ?? null;
    return { status: 'timed_out', cause: { stepId, sentence: interruption.sentence } };
  }
  if (interruption?.why === 'errored') {
    return { status: 'errored', cause: { stepId: null, sentence: interruption.sentence } };
  }
  const status = severity.find((each) => faults.some((fault) => fault.status === each));
  const first = faults.find((fault) => fault.status === status) ?? faults[0];
  if (!first) return { status: 'passed', cause: null };
  const said = first.result?.reason?.replace(/\.$/, '');
  // What a step that took too long printed last is no reason.
  const line = first.status === 'timed_out' ? null : first.result?.line?.replace(/\.$/, '');
  const reason = said && line && !said.includes(line) ? `${said}: ${line}` : said;
  return {
    // Steps that were cancelled without an interruption were so by fail_fast.
    status: status ?? 'failed',
    cause: {
      stepId: first.id,
      sentence: `\`${first.id}\` ${formatStatus(first.status)}${reason ? `: ${reason}` : ''}.`,
    },
  };
}
