import type { JobResult } from '../../model/job';
import type { Masker } from '../../model/masker';

/** The texts in how a job ended. */
export function maskResult(masker: Masker, result: JobResult): JobResult {
  if ('failure' in result) {
    return { failure: { ...result.failure, message: masker.cutText(result.failure.message) } };
  }
  if (!('outcome' in result)) return result;
  const { reason, warnings } = result.outcome;
  return {
    outcome: {
      ...result.outcome,
      reason: reason === null ? null : masker.cutText(reason),
      warnings: warnings.map(masker.cutText),
    },
  };
}
