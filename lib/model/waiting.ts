import type { Execution, Step } from './execution';
import { staysUp } from './node';
import { isFinalStep, type StepStatus } from './status';

/** What a step that has not started waits for, in one sentence; null when it does not wait. */
export function stepWaitsFor(step: Step, execution: Pick<Execution, 'status' | 'steps'>): string | null {
  if (step.status === 'pending') return pendingWaitsFor(step, execution);
  if (step.status !== 'queued') return null;
  if (step.retryAt) {
    const reason = step.attempts.at(-1)?.result?.reason;
    return `Is tried again at ${step.retryAt}${reason ? `: ${reason}` : ''}.`;
  }
  return step.waitsFor ?? 'Waits for a free place.';
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

function pendingWaitsFor(step: Step, { status, steps }: Pick<Execution, 'status' | 'steps'>): string {
  const names = new Set([...step.after, ...step.onFailure]);
  const unsettled = steps.filter((each) => names.has(each.id) && !isSettled(each));
  const [first] = unsettled;
  if (!first) return status === 'queued' ? 'Waits for its execution to start.' : 'Waits for the environment.';
  const more = unsettled.length > 1 ? `, and for ${unsettled.length - 1} more` : '';
  return `Waits for \`${first.id}\`, which ${words[first.status]}${more}.`;
}

const words: Record<StepStatus, string> = {
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
