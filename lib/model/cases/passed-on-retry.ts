import { hasFailed } from '../test-case';
import type { CaseResult } from './case-record';

export function passedOnRetry({ status, tries }: Pick<CaseResult, 'status' | 'tries'>): boolean {
  return status === 'passed' && tries.some(hasFailed);
}
