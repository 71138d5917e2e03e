import { z } from 'zod';
import { timestamp } from '../execution';
import { caseIdentity, caseStatus } from '../report';

/** Where the captured output of a try is: a position among the outputs of a stored report. */
export const outputPlace = z.object({ artifactId: z.string(), position: z.int() });

export const caseTry = z.object({
  status: caseStatus,
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
  /** Equal for messages that differ in numbers, ids, times and addresses alone. */
  fingerprint: z.string().nullable(),
  output: outputPlace.nullable(),
});
export type CaseTry = z.infer<typeof caseTry>;

/**
 * The inputs of a run that a case may depend on. Images are references by step, with the digest of the image
 * (`node:22@sha256:…`) once the run has ended and where the backend tells it.
 */
export const caseInputs = z.object({
  profile: z.string(),
  packageDigest: z.string(),
  images: z.record(z.string(), z.string()),
});
export type CaseInputs = z.infer<typeof caseInputs>;

/** One result of a case in one execution, with the earlier tries of the tool and of the step, oldest first. */
export const caseResult = caseTry.extend({
  executionId: z.string(),
  attempt: z.int(),
  at: timestamp,
  ...caseInputs.shape,
  tries: z.array(caseTry),
});
export type CaseResult = z.infer<typeof caseResult>;

/** A result with the number of its report, which orders the history. */
export type NumberedResult = CaseResult & { reportNumber: number };

export const caseMute = z.object({
  reason: z.string(),
  ticket: z.string().nullable(),
  expiresAt: timestamp,
  createdAt: timestamp,
  createdBy: z.string(),
});
export type CaseMute = z.infer<typeof caseMute>;

export const muteRequest = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  ticket: z.string().trim().min(1).max(500).optional(),
  expiresAt: z.iso.datetime({ offset: true }).describe('In the future, and within 365 days.'),
});
export type MuteRequest = z.infer<typeof muteRequest>;

/** A case of one step of one suite. */
export const caseRecord = caseIdentity.extend({ id: z.string(), suiteId: z.string(), stepId: z.string() });
export type CaseRecord = z.infer<typeof caseRecord>;

/** The results of one report as they are stored. */
export interface NewCaseReport extends CaseInputs {
  executionId: string;
  suiteId: string;
  stepId: string;
  attempt: number;
  path: string;
  artifactId: string;
  at: string;
  results: NewCaseResult[];
}

export interface NewCaseResult extends Omit<CaseRecord, 'suiteId' | 'stepId'> {
  /** The result last, the earlier tries of the tool before it. */
  tries: (Omit<CaseTry, 'output' | 'fingerprint'> & { output: number | null; fingerprint: bigint | null })[];
}
