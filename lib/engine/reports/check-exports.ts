import type { ExportRule, StepKind } from '../../model/node';
import type { ReportSummary } from '../../model/report';
import { isTestSummary } from '../../model/report-kind';

/** A rule in force on this end of the step, with the reports that it matched. */
export interface MatchedRule {
  rule: ExportRule;
  reports: readonly ReportSummary[];
}

/**
 * Checks the numbers in the reports of a step against its export rules. Problems fail the step, warnings do not. `before`
 * are the reports of the same step in the last run that passed; empty when there is none. Pure.
 */
export function checkExports(
  matched: readonly MatchedRule[],
  kind: StepKind,
  before: readonly ReportSummary[],
): { problems: string[]; warnings: string[] } {
  const problems = matched.flatMap(({ rule, reports }) => [
    ...checkTestCount(rule, reports),
    ...checkCoverage(rule, reports, before),
  ]);
  const warnings = matched
    .filter(({ rule }) => kind === 'test' && rule.required && rule.minTests === undefined)
    .flatMap(({ reports }) => reports.flatMap(nothingRan));
  return { problems, warnings };
}

function checkTestCount({ minTests, path }: ExportRule, reports: readonly ReportSummary[]): string[] {
  if (minTests === undefined || reports.length === 0) return [];
  const ran = sum(reports, (each) => (isTestSummary(each) ? each.total - each.skipped : 0));
  if (ran >= minTests) return [];
  const found = ran === 0 ? 'no test' : ran === 1 ? '1 test' : `${ran} tests`;
  return [`${found} ran according to ${path}, and min_tests is ${minTests}`];
}

function nothingRan(summary: ReportSummary): string[] {
  if (!isTestSummary(summary) || summary.total > summary.skipped) return [];
  const why = summary.total === 0 ? 'has no cases' : `has ${summary.total} cases, all of them skipped`;
  return [`nothing ran: the report ${summary.path} ${why}`];
}

function checkCoverage(
  { coverage, path }: ExportRule,
  reports: readonly ReportSummary[],
  before: readonly ReportSummary[],
): string[] {
  if (!coverage || reports.length === 0) return [];
  const now = lineCoverage(reports);
  if (now === null) return [`there are no lines in ${path} whose coverage could be checked`];
  const sentences: string[] = [];
  if (coverage.min !== undefined && now.percent < coverage.min) {
    const counts = `${now.covered} of ${now.total}`;
    const found = shown(now.percent, coverage.min);
    sentences.push(
      `${found} % of the lines are covered (${counts} in ${path}), and coverage.min is ${coverage.min}`,
    );
  }
  const paths = new Set(reports.map((each) => each.path));
  const then = lineCoverage(before.filter((each) => paths.has(each.path)));
  if (coverage.drop !== undefined && then !== null && then.percent - now.percent > coverage.drop + rounding) {
    const fall = `from ${shown(then.percent)} % in the last run that passed to ${shown(now.percent)} %`;
    sentences.push(`the coverage of lines in ${path} fell ${fall}, and coverage.drop is ${coverage.drop}`);
  }
  return sentences;
}

/** Tolerance for floating point. */
const rounding = 1e-9;

function lineCoverage(
  reports: readonly ReportSummary[],
): { percent: number; covered: number; total: number } | null {
  const covered = sum(reports, (each) => (isTestSummary(each) ? 0 : each.linesCovered));
  const total = sum(reports, (each) => (isTestSummary(each) ? 0 : each.linesTotal));
  return total === 0 ? null : { percent: (covered / total) * 100, covered, total };
}

/** The percentage with as many digits as it takes to differ from the limit. */
function shown(percent: number, limit = Number.NaN): string {
  const short = percent.toFixed(1);
  return Number(short) >= limit ? String(Math.floor(percent * 1000) / 1000) : short;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
