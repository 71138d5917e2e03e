import { z } from 'zod';

export const executionStatus = z.enum([
  'queued',
  'running',
  'passed',
  'failed',
  'errored',
  'cancelled',
  'timed_out',
]);
export type ExecutionStatus = z.infer<typeof executionStatus>;

export const stepStatus = z.enum([
  'pending',
  'queued',
  'starting',
  'running',
  'ready',
  'passed',
  'failed',
  'errored',
  'timed_out',
  'cancelled',
  'skipped',
]);
export type StepStatus = z.infer<typeof stepStatus>;

/** How a step or an attempt ended. */
export const finalStepStatus = stepStatus.extract([
  'passed',
  'failed',
  'errored',
  'timed_out',
  'cancelled',
  'skipped',
]);
export type FinalStepStatus = z.infer<typeof finalStepStatus>;

export const finalExecutionStatus = executionStatus.extract([
  'passed',
  'failed',
  'errored',
  'cancelled',
  'timed_out',
]);
export type FinalExecutionStatus = z.infer<typeof finalExecutionStatus>;

const finalStepStatuses: ReadonlySet<StepStatus> = new Set(finalStepStatus.options);

export function isFinalStep(status: StepStatus): status is FinalStepStatus {
  return finalStepStatuses.has(status);
}

export function isFinalExecution(status: ExecutionStatus): status is FinalExecutionStatus {
  return status !== 'queued' && status !== 'running';
}

/** Ended in a way that stops what comes after it. */
export function isUnsuccessful(status: StepStatus): boolean {
  return status === 'failed' || status === 'errored' || status === 'timed_out' || status === 'cancelled';
}
