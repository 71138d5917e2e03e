import type { CaseResult } from '@/lib/model/cases/case-record';
import type { CaseStatus } from '@/lib/model/report';
import { hasFailed } from '@/lib/model/test-case';
import type { State } from '../status-icon';

/** The state whose glyph and colour stand for the result of a case. A warning is drawn like a time-out. */
export function glyphOf(status: CaseStatus): State {
  return status === 'warned' ? 'timed_out' : status;
}

/** The result in words: "passed after 2 failed tries". */
export function resultWords({ status, tries }: Pick<CaseResult, 'status' | 'tries'>): string {
  const failed = tries.filter(hasFailed).length;
  const word = status === 'warned' ? 'passed with a warning' : status;
  if (failed === 0) return word;
  return `${word} after ${failed === 1 ? '1 failed try' : `${failed} failed tries`}`;
}
