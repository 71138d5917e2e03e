import { describe, expect, it } from 'vitest';
import { checkExports } from '@/lib/engine/reports/check-exports';
import type { ExportRule, StepKind } from '@/lib/model/node';
import type { CoverageSummary, ReportSummary, TestSummary } from '@/lib/model/report';

const rule = (more: Partial<ExportRule> = {}): ExportRule => ({
  ...{ path: 'r', format: 'auto', on: 'always', required: true },
  ...more,
});
const tests = (total: number, skipped = 0): TestSummary => ({
  ...{ format: 'junit', attempt: 1, artifactId: 'a', path: 'r', total, passed: total - skipped },
  ...{ failed: 0, errored: 0, skipped, durationMs: 0, failures: [] },
});
const lines = (linesCovered: number, linesTotal: number, path = 'r'): CoverageSummary => ({
  ...{ format: 'lcov', attempt: 1, artifactId: 'a', path },
  ...{ linesCovered, linesTotal, branchesCovered: 0, branchesTotal: 0 },
});
const check = (
  given: ExportRule,
  reports: ReportSummary[],
  before: ReportSummary[] = [],
  kind: StepKind = 'test',
) => checkExports([{ rule: given, reports }], kind, before);

describe('a required report of a test', () => {
  it.each([
    [tests(0), ['nothing ran: the report r has no cases']],
    [tests(2, 2), ['nothing ran: the report r has 2 cases, all of them skipped']],
    [tests(2, 1), []],
    [lines(0, 0), []],
  ])('warns when nothing ran', (summary, warnings) => {
    expect(check(rule(), [summary])).toEqual({ problems: [], warnings });
    expect(check(rule({ required: false }), [summary]).warnings).toEqual([]);
    expect(check(rule(), [summary], [], 'task').warnings).toEqual([]);
  });
});

describe('min_tests', () => {
  it.each([
    [3, [tests(3)], []],
    [3, [tests(2), tests(1)], []],
    [3, [tests(3, 1)], ['2 tests ran according to r, and min_tests is 3']],
    [1, [tests(0)], ['no test ran according to r, and min_tests is 1']],
    [1, [], []],
  ])('of %i counts what ran in all reports of the rule', (minTests, reports, problems) => {
    expect(check(rule({ minTests }), reports)).toEqual({ problems, warnings: [] });
  });
});

describe('the check of coverage', () => {
  const problemsOf = (...given: Parameters<typeof check>) => check(...given).problems;

  it('has a minimum over all files of the rule', () => {
    const least = rule({ coverage: { min: 80 } });
    expect(problemsOf(least, [lines(6, 10), lines(10, 10)])).toEqual([]);
    expect(problemsOf(least, [lines(79_996, 100_000)])).toEqual([
      '79.996 % of the lines are covered (79996 of 100000 in r), and coverage.min is 80',
    ]);
    expect(problemsOf(least, [lines(0, 0)])).toEqual([
      'there are no lines in r whose coverage could be checked',
    ]);
  });

  it('allows a fall since the last run that passed, in the same files', () => {
    const steady = rule({ coverage: { drop: 1 } });
    expect(problemsOf(steady, [lines(79, 100)], [lines(80, 100)])).toEqual([]);
    expect(problemsOf(steady, [lines(78, 100)], [lines(80, 100)])).toHaveLength(1);
    expect(problemsOf(steady, [lines(78, 100)], [lines(80, 100, 'other')])).toEqual([]);
    expect(problemsOf(steady, [lines(78, 100)])).toEqual([]);
    expect(problemsOf(rule({ coverage: { drop: 0 } }), [lines(2, 3)], [lines(2, 3)])).toEqual([]);
  });
});
