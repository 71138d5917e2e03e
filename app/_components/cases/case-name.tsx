import type { CaseIdentity } from '@/lib/model/report';
import { caseSuite, caseTitle } from '@/lib/model/test-case';

/** The name of a test case: `whole` with the suites around it, or these alone. */
export function CaseName({ record, part }: { record: CaseIdentity; part: 'whole' | 'place' }) {
  return part === 'whole' ? caseTitle(record) : caseSuite(record);
}
