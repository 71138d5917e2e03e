import { z } from 'zod';
import { artifact } from './artifact';
import { backendKind, cause, resultReuse, stepPhase, stepResult, timestamp } from './execution';
import { stepKind } from './node';
import { suiteIdentity } from './plan';
import { aheadStage } from './prepared-step';
import { removalReceipt } from './receipt';
import { reportSummary } from './report';
import { finalExecutionStatus, finalStepStatus } from './status-schema';

const stepId = z.string();
const attempt = z.int().min(1);

/**
 * What can happen to an execution. Events are the only way its state changes; `applyEvents` says how.
 * An attempt's events come in the order started, running, ready (services and mocks), finished.
 */
export const eventBody = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('execution.created'),
    suite: suiteIdentity,
    profile: z.string(),
    backend: z.object({ id: z.string(), kind: backendKind, label: z.string() }),
    author: z.string(),
    labels: z.record(z.string(), z.string()),
    warnings: z.array(z.string()),
    /** Absent before there were reruns. */
    rerunOf: z.string().nullish(),
    steps: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        kind: stepKind,
        index: z.int(),
        after: z.array(z.string()),
        onFailure: z.array(z.string()),
        takeOver: resultReuse.nullish(),
      }),
    ),
  }),
  z.object({ type: z.literal('execution.started'), owner: z.string() }),
  /** Another control plane, or the same one after a restart, goes on with it. */
  z.object({ type: z.literal('execution.adopted'), owner: z.string() }),
  z.object({ type: z.literal('execution.warning'), message: z.string() }),
  z.object({
    type: z.literal('execution.cancel_requested'),
    by: z.string(),
    /** Steps that always run are ended, too. */
    force: z.boolean().optional(),
  }),
  z.object({ type: z.literal('environment.opened') }),
  z.object({ type: z.literal('environment.closed'), receipt: removalReceipt }),
  /** It outlives the execution: services stay up, and it is removed at that time. */
  z.object({ type: z.literal('environment.kept'), until: timestamp }),
  z.object({
    type: z.literal('execution.finished'),
    status: finalExecutionStatus,
    cause: cause.nullable(),
  }),
  /** `waitsFor`: when it could not start at once. */
  z.object({ type: z.literal('step.queued'), stepId, waitsFor: z.string().nullish() }),
  /**
   * How much of a coming attempt is there before it may run: nothing, its container, or that started and waiting. `reason`:
   * why it is no more.
   */
  z.object({
    type: z.literal('step.ahead'),
    stepId,
    attempt,
    stage: aheadStage.nullable(),
    reason: z.string().nullable(),
  }),
  z.object({ type: z.literal('attempt.started'), stepId, attempt }),
  z.object({ type: z.literal('attempt.phase'), stepId, attempt, phase: stepPhase }),
  /** `releasedFrom`: what was made ahead of it and used. */
  z.object({ type: z.literal('attempt.running'), stepId, attempt, releasedFrom: aheadStage.optional() }),
  z.object({ type: z.literal('attempt.ready'), stepId, attempt }),
  z.object({
    type: z.literal('attempt.finished'),
    stepId,
    attempt,
    status: finalStepStatus,
    result: stepResult,
    warnings: z.array(z.string()),
    /** Of an attempt that has passed; absent when there are none. */
    outputs: z.record(z.string(), z.string()).optional(),
    /** When the next attempt starts; null when this was the last one. */
    retryAt: timestamp.nullable(),
  }),
  z.object({ type: z.literal('step.artifact'), stepId, attempt, artifact }),
  z.object({ type: z.literal('step.report'), stepId, attempt, report: reportSummary }),
  /** Every step ends with exactly one of these, also one that never ran. */
  z.object({ type: z.literal('step.finished'), stepId, status: finalStepStatus, result: stepResult }),
]);
export type NewEvent = z.infer<typeof eventBody>;

export const executionEvent = eventBody.and(
  z.object({
    /** Number from 1 without gaps within the execution. */
    seq: z.int().min(1),
    at: timestamp,
  }),
);
export type ExecutionEvent = NewEvent & { seq: number; at: string };
