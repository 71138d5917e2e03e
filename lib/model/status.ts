export const finalExecutionStatuses = ['passed', 'failed', 'errored', 'cancelled', 'timed_out'] as const;
export type FinalExecutionStatus = (typeof finalExecutionStatuses)[number];

export const executionStatuses = ['queued', 'running', ...finalExecutionStatuses] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

/** How a step or an attempt ended. */
export const finalStepStatuses = [
  'passed',
  'failed',
  'errored',
  'timed_out',
  'cancelled',
  'skipped',
] as const;
export type FinalStepStatus = (typeof finalStepStatuses)[number];

export const stepStatuses = [
  'pending',
  'queued',
  'starting',
  'running',
  'ready',
  ...finalStepStatuses,
] as const;
export type StepStatus = (typeof stepStatuses)[number];

const finalOnes: ReadonlySet<StepStatus> = new Set(finalStepStatuses);

export function isFinalStep(status: StepStatus): status is FinalStepStatus {
  return finalOnes.has(status);
}

export function isFinalExecution(status: ExecutionStatus): status is FinalExecutionStatus {
  return status !== 'queued' && status !== 'running';
}

/** Ended in a way that stops what comes after it. */
export function isUnsuccessful(status: StepStatus): boolean {
  return status === 'failed' || status === 'errored' || status === 'timed_out' || status === 'cancelled';
}
