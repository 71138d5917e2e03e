import { createHash } from 'node:crypto';
import type { CaseIdentity } from '../../model/report';
import { caseKey } from '../../model/test-case';

/** The id of a case: equal exactly for the same suite, step and identity. 26 characters. */
export function caseIdOf(suiteId: string, stepId: string, identity: CaseIdentity): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([suiteId, stepId, caseKey(identity)]))
    .digest('hex');
  return `c${hash.slice(0, 25)}`;
}
