import type { CaseStatus, Report, ReportSummary, TestReport } from '../../model/report';
import { isTestReport } from '../../model/report-kind';
import { caseSuite, hasFailed, isFlaky } from '../../model/test-case';

const maxFailures = 20;
const maxOutput = 2_000;

/** The part of a report that the step keeps. */
export function summarize(
  report: Report,
  origin: { attempt: number; artifactId: string; path: string },
): ReportSummary {
  if (!isTestReport(report)) {
    const { files: _, ...totals } = report;
    return { ...totals, ...origin };
  }
  const { cases, outputs, damage } = report;
  const failing = cases.filter(hasFailed);
  const countMuted = (status: CaseStatus) =>
    failing.filter((each) => each.isMuted && each.status === status).length;
  const muted = { failed: countMuted('failed'), errored: countMuted('errored') };
  const count = (status: CaseStatus) => cases.filter((each) => each.status === status).length;
  return {
    format: report.format,
    ...origin,
    total: cases.length,
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    warned: count('warned'),
    flaky: cases.filter(isFlaky).length,
    ...(muted.failed + muted.errored > 0 ? { muted } : {}),
    durationMs: Math.round(cases.reduce((sum, each) => sum + (each.durationMs ?? 0), 0)),
    failures: [...failing]
      .sort((a, b) => Number(a.isMuted ?? false) - Number(b.isMuted ?? false))
      .slice(0, maxFailures)
      .map((each) => ({
        suite: caseSuite(each),
        name: each.name,
        status: each.status,
        durationMs: each.durationMs,
        message: each.message,
        output: each.output === null ? null : (outputs[each.output]?.slice(0, maxOutput) ?? null),
        ...(each.isMuted ? { isMuted: true } : {}),
      })),
    damage,
  };
}

/**
 * The report once it is known how its tool ended: what the tool counts as an error also where it does not fail because
 * of it is a warning when it ended with 0, and an error otherwise.
 */
export function settleTentative(report: TestReport, exitCode: number | null): TestReport {
  if (!hasTentative(report)) return report;
  const cases = report.cases.map(({ isTentative, ...each }) =>
    isTentative && exitCode === 0 ? { ...each, status: 'warned' as const } : each,
  );
  return { ...report, cases };
}

export function hasTentative(report: Report): report is TestReport {
  return isTestReport(report) && report.cases.some(({ isTentative }) => isTentative);
}
