import type { Step } from '../execution';
import type { TestSummary } from '../report';
import { isTestSummary } from '../report-kind';

/**
 * The flaky cases of a step that has ended: those that its last attempt reports as such and, when it passed on a retry,
 * those that failed in an earlier attempt and not in the last one.
 */
export function countFlaky({
  status,
  reports,
  attempts,
}: Pick<Step, 'status' | 'reports' | 'attempts'>): number {
  const tests = reports.filter(isTestSummary);
  const last = tests.filter(({ attempt }) => attempt === attempts.length);
  const reported = last.reduce((sum, { flaky }) => sum + (flaky ?? 0), 0);
  if (status !== 'passed' || last.length === 0) return reported;
  const still = new Set(last.flatMap(failedNames));
  const before = new Set(tests.filter(({ attempt }) => attempt < attempts.length).flatMap(failedNames));
  return reported + [...before].filter((name) => !still.has(name)).length;
}

/** "1 flaky case", "3 flaky cases"; null for none. */
export function flakyWords(count: number): string | null {
  if (count === 0) return null;
  return count === 1 ? '1 flaky case' : `${count} flaky cases`;
}

function failedNames({ failures }: TestSummary): string[] {
  return failures.map(({ suite, name }) => JSON.stringify([suite, name]));
}
