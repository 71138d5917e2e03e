import type { CompleteRequest, JobResult } from '../../model/job';

/** What an agent says at the end, in the words of a backend. A plain client only says whether something went wrong. */
export function resultOf(request: CompleteRequest): JobResult {
  if ('outcome' in request) return { outcome: request.outcome };
  if ('failure' in request) return { failure: request.failure };
  if ('receipt' in request) return { receipt: request.receipt, removed: request.removed };
  if ('environments' in request) return { environments: request.environments };
  if ('refusal' in request) return { refusal: request.refusal };
  if ('lastLines' in request) return { lastLines: request.lastLines };
  if ('usages' in request) return { usages: request.usages };
  if ('missingImages' in request) return { missingImages: request.missingImages };
  if ('executed' in request) return { executed: request.executed };
  const reason = request.error || null;
  return {
    outcome: {
      ended: 'exited',
      exitCode: request.exitCode ?? (reason === null ? 0 : 1),
      signal: null,
      oomKilled: false,
      reason,
      warnings: [],
    },
  };
}
