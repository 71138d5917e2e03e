import type { Execution, Step } from './execution';
import { isFinalExecution, isFinalStep, type StepStatus } from './status';
import { staysUp } from './step-kind';

/** Returns what a step that has not started waits for, in one sentence; null when it does not wait. */
export function stepWaitsFor(step: Step, execution: Pick<Execution, 'status' | 'steps'>): string | null {
  if (step.status === 'pending') return pendingWaitsFor(step, execution);
  if (step.status !== 'queued') return null;
  if (step.retryAt) {
    const reason = step.attempts.at(-1)?.result?.reason;
    return `Is tried again at ${step.retryAt}${reason ? `: ${reason}` : ''}.`;
  }
  return step.waitsFor ?? 'Waiting for a free place.';
}

/** Explains every waiting step, in a sentence and in a few words. */
export function waitingSteps(execution: Execution): Map<string, { sentence: string; brief: string }> {
  const byId = indexSteps(execution);
  return new Map(
    execution.steps.flatMap((step) => {
      const around = { status: execution.status, steps: needed(step, byId) };
      const [sentence, brief] = [stepWaitsFor(step, around), stepWaitsBriefly(step, around)];
      return sentence && brief ? [[step.id, { sentence, brief }] as const] : [];
    }),
  );
}

/** With `waitsFor` of every step filled in. */
export function explainSteps(execution: Execution): Execution {
  const byId = indexSteps(execution);
  const steps = execution.steps.map((step) => ({
    ...step,
    waitsFor: stepWaitsFor(step, { status: execution.status, steps: needed(step, byId) }),
  }));
  return { ...execution, steps };
}

/** The same in a few words, for where a sentence has no room; null when it does not wait. */
export function stepWaitsBriefly(step: Step, execution: Pick<Execution, 'status' | 'steps'>): string | null {
  if (step.status === 'queued') return step.retryAt ? 'is tried again' : 'waits for a place';
  if (step.status !== 'pending' || isFinalExecution(execution.status)) return null;
  const [first, ...others] = unsettledBefore(step, execution.steps);
  if (!first) return execution.status === 'queued' ? null : 'waits to start';
  const name = first.id.slice(first.id.lastIndexOf('/') + 1);
  return `waits for ${name}${others.length > 0 ? ` +${others.length}` : ''}`;
}

function pendingWaitsFor(step: Step, { status, steps }: Pick<Execution, 'status' | 'steps'>): string {
  const unsettled = unsettledBefore(step, steps);
  const [first] = unsettled;
  if (!first)
    return status === 'queued' ? 'Waiting for its execution to start.' : 'Waiting for the environment.';
  const more = unsettled.length > 1 ? `, and for ${unsettled.length - 1} more` : '';
  return `Waiting for \`${first.id}\`, which ${formatStatus[first.status]}${more}.`;
}

function unsettledBefore(step: Step, steps: readonly Step[]): Step[] {
  const names = new Set([...step.after, ...step.onFailure]);
  return steps.filter((each) => names.has(each.id) && !isSettled(each));
}

const formatStatus: Record<StepStatus, string> = {
  pending: 'waits itself',
  queued: 'waits for a free place',
  starting: 'starts',
  running: 'runs',
  ready: 'is up',
  passed: 'has passed',
  failed: 'has failed',
  errored: 'has errored',
  timed_out: 'has timed out',
  cancelled: 'was cancelled',
  skipped: 'was skipped',
};

function isSettled(step: Step): boolean {
  return isFinalStep(step.status) || (staysUp(step.kind) && step.status === 'ready');
}

function indexSteps({ steps }: Pick<Execution, 'steps'>): Map<string, Step> {
  return new Map(steps.map((step) => [step.id, step]));
}

function needed(step: Step, byId: ReadonlyMap<string, Step>): Step[] {
  return [...step.after, ...step.onFailure].flatMap((id) => byId.get(id) ?? []);
}
