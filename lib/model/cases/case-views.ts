import { z } from 'zod';
import { timestamp } from '../execution';
import { caseFigures } from './case-figures';
import { caseMute, caseRecord, caseResult } from './case-record';

/** A case in a list: who it is, whether it is muted, and the figures of its newest results. */
export const caseItem = caseRecord.extend({ mute: caseMute.nullable(), figures: caseFigures });
export type CaseItem = z.infer<typeof caseItem>;

export const sameFailure = z.object({ record: caseRecord, at: timestamp, executionId: z.string() });

export const caseDetails = caseItem.extend({
  /** The newest results, oldest first. */
  results: z.array(caseResult),
  /** The case that ended where this one began, when their names are alike. */
  renamedFrom: caseRecord.nullable(),
  /** Other cases whose failure has the same fingerprint as the newest failure of this one. */
  sameFailures: z.array(sameFailure),
});
export type CaseDetails = z.infer<typeof caseDetails>;

/** A case of an execution. `failures`: runs in a row that failed, this one included; `since`: the first of them. */
export const executionCase = caseRecord.extend({
  isMuted: z.boolean(),
  failures: z.int(),
  since: z.object({ executionId: z.string(), at: timestamp }).nullable(),
});
export type ExecutionCase = z.infer<typeof executionCase>;

/** The cases of an execution compared with earlier runs under the same profile. */
export const executionCases = z.object({
  /** Failed, and did not fail in the run before. */
  newFailures: z.array(executionCase),
  /** Failed in this run and in the one before. */
  stillFailing: z.array(executionCase),
  /** Passed after a try that failed. */
  flaky: z.array(executionCase),
  /** Passed, and failed in the run before. */
  fixed: z.array(executionCase),
  /** Have no result before this run, though their step has. */
  added: z.array(executionCase.extend({ renamedFrom: caseRecord.nullable() })),
});
export type ExecutionCases = z.infer<typeof executionCases>;
