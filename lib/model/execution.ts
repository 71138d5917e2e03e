import { z } from 'zod';
import { backendKinds } from './backend-kind';
import { imageFacts } from './image-facts';
import { stepKind } from './node';
import { suiteIdentity } from './plan';
import { removalReceipt } from './receipt';
import { reportSummary } from './report';
import { executionStatus, stepStatus } from './status-schema';

/** RFC 3339 with milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 });

export const backendKind = z.enum(backendKinds);
export type BackendKind = z.infer<typeof backendKind>;

/** What a person can do about a step that ended badly, and the key of the suite file where it is done. */
export const action = z.object({
  /** An instruction without a full stop: "raise `resources.memory` (64 MB)". */
  sentence: z.string(),
  key: z.string().nullable(),
  /** The suite file that the step comes from; names the suite as well when it is a nested one. */
  file: z.string().nullable(),
  /** Of the key, or of the step when the file does not set the key. */
  line: z.int().min(1).nullable(),
});
export type Action = z.infer<typeof action>;

/** How a step or attempt ended. `reason` is one sentence for a person. */
export const stepResult = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  oomKilled: z.boolean(),
  reason: z.string().nullable(),
  /** Absent where no image was run, or its backend does not tell. */
  image: imageFacts.optional(),
  /** The line of the program's output that tells most about a bad end. */
  line: z.string().nullish(),
  action: action.nullish(),
});
export type StepResult = z.infer<typeof stepResult>;

/** The phase of a starting attempt, e.g. `pulling` `40 % of 12 MB, 2 of 5 layers`. */
export const stepPhase = z.object({
  name: z.enum([
    'preparing',
    'pulling',
    'building',
    'creating',
    'starting',
    'probing',
    'running',
    'stopping',
    'collecting',
  ]),
  detail: z.string().nullable(),
  at: timestamp,
});
export type StepPhase = z.infer<typeof stepPhase>;

export const attempt = z.object({
  number: z.int().min(1),
  status: stepStatus,
  phase: stepPhase.nullable(),
  startedAt: timestamp,
  runningAt: timestamp.nullable(),
  readyAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  result: stepResult.nullable(),
  warnings: z.array(z.string()),
  /** What it wrote into `$GANTRY_OUTPUT`; absent when it wrote nothing, or has not passed. */
  outputs: z.record(z.string(), z.string()).optional(),
});
export type Attempt = z.infer<typeof attempt>;

/** In a run that repeats another one: what becomes of the step's earlier result, and why in one sentence. */
export const resultReuse = z.object({
  /** The execution in which the step ran; null when it runs again. */
  from: z.string().nullable(),
  sentence: z.string(),
  result: stepResult.nullable(),
  reports: z.array(reportSummary),
  /** What it wrote into `$GANTRY_OUTPUT` there; absent when it wrote nothing. */
  outputs: z.record(z.string(), z.string()).optional(),
});
export type ResultReuse = z.infer<typeof resultReuse>;

/** One step of an execution, as it stands now. */
export const step = z.object({
  id: z.string(),
  name: z.string(),
  kind: stepKind,
  index: z.int(),
  after: z.array(z.string()),
  onFailure: z.array(z.string()),
  status: stepStatus,
  queuedAt: timestamp.nullable(),
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  /** When the next attempt starts, while the step waits for a retry. */
  retryAt: timestamp.nullable(),
  attempts: z.array(attempt),
  result: stepResult.nullable(),
  reports: z.array(reportSummary),
  /** Null unless the execution repeats what failed in another one. */
  takeOver: resultReuse.nullable(),
  /** While it has not started, in one sentence: see `explainSteps`. */
  waitsFor: z.string().nullable(),
});
export type Step = z.infer<typeof step>;

/** The first thing that went wrong, as one sentence and the step to look at. */
export const cause = z.object({ stepId: z.string().nullable(), sentence: z.string() });
export type Cause = z.infer<typeof cause>;

/** A step that ended badly and is no consequence of another one. */
export const fault = z.object({
  stepId: z.string(),
  status: stepStatus,
  sentence: z.string(),
  line: z.string().nullable(),
  action: action.nullable(),
  /** Ids of the steps that were skipped or failed because of it. */
  consequences: z.array(z.string()),
});
export type Fault = z.infer<typeof fault>;

export const stepCounts = z.partialRecord(stepStatus, z.int());
export type StepCounts = z.infer<typeof stepCounts>;

export const executionSummary = z.object({
  id: z.string(),
  suite: suiteIdentity,
  profile: z.string(),
  backend: z.object({ id: z.string(), kind: backendKind, label: z.string() }),
  status: executionStatus,
  /** Name of the person or program that launched it. */
  author: z.string(),
  labels: z.record(z.string(), z.string()),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  cancelRequestedAt: timestamp.nullable(),
  cancelRequestedBy: z.string().nullable(),
  cause: cause.nullable(),
  stepCounts,
  /** Cases that passed after a try that failed, in steps that have ended. */
  flakyCases: z.int(),
  /** The execution that this one repeats. */
  rerunOf: z.string().nullable(),
  /** While it is queued, in one sentence. Only the API's answers say it, not the events. */
  waitsFor: z.string().nullable(),
  /** The newest event that this picture holds. */
  lastEventSeq: z.int(),
});
export type ExecutionSummary = z.infer<typeof executionSummary>;

/** The detailed record. Steps are in plan order. */
export const execution = executionSummary.extend({
  steps: z.array(step),
  warnings: z.array(z.string()),
  receipt: removalReceipt.nullable(),
  /** Since then its logs and artifacts are gone. No event says it: that is only done long after the end. */
  outputRemovedAt: timestamp.nullable(),
});
export type Execution = z.infer<typeof execution>;

/** The detailed record as the API answers it. */
export const explainedExecution = execution.extend({
  /** In the order of the plan. */
  faults: z.array(fault),
});
