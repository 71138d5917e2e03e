import type { CaseIdentity, Report } from '../../model/report';
import { isTestReport } from '../../model/report-kind';
import { hasFailed } from '../../model/test-case';

/** The report with its failed cases marked that are muted: they are shown and counted, and do not fail the step. */
export function markMuted(report: Report, isMuted: (identity: CaseIdentity) => boolean): Report {
  if (!isTestReport(report)) return report;
  const cases = report.cases.map((each) =>
    hasFailed(each) && isMuted(each) ? { ...each, isMuted: true } : each,
  );
  return { ...report, cases };
}
