import type { CaseStatus, TestReport } from '../../../model/report';
import { createReportBuilder, type FoundAttempt, type ReportBuilder } from '../cases/report-builder';
import { type Fields, fieldsOf, itemsOf, numberOf, textOf } from '../input/json-values';

/** Reads the report of Playwright's reporter `json`. Its projects are parameters, and its retries attempts. */
export function readPlaywright(value: unknown): TestReport {
  const report = fieldsOf(value);
  if (!Array.isArray(report.suites)) throw new Error('expected suites, as the reporter json writes them');
  const builder = createReportBuilder('playwright');
  for (const suite of itemsOf(report.suites)) addSuite(builder, suite, [], 0);
  // A file that does not load, say.
  for (const error of itemsOf(report.errors)) {
    const where = fieldsOf(error.location);
    const file = textOf(where.file) || null;
    builder.add({ name: 'an error outside of the tests', file, status: 'errored', ...reasonOf(error) });
  }
  return builder.finish(null);
}

const maxDepth = 100;

function addSuite(builder: ReportBuilder, suite: Fields, outer: readonly string[], depth: number): void {
  if (depth > maxDepth) return;
  const path = [...outer, textOf(suite.title)];
  for (const spec of itemsOf(suite.specs)) {
    for (const test of itemsOf(spec.tests)) addTest(builder, spec, test, path);
  }
  for (const nested of itemsOf(suite.suites)) addSuite(builder, nested, path, depth + 1);
}

function addTest(builder: ReportBuilder, spec: Fields, test: Fields, path: string[]): void {
  const results = itemsOf(test.results);
  const attempts = results.map(attemptOf);
  const last = attempts.at(-1);
  const project = textOf(test.projectName);
  const annotation = itemsOf(test.annotations).map(({ description }) => textOf(description));
  const isUnexpectedPass = test.status === 'unexpected' && last?.status === 'passed';
  const status = statusOf(test.status, last?.status);
  const skipReason = annotation.find((text) => text !== '');
  builder.add({
    ...last,
    name: textOf(spec.title),
    path,
    file: textOf(spec.file) || null,
    parameters: project ? { project } : {},
    status,
    message: isUnexpectedPass
      ? 'expected to fail, but passed'
      : status === 'skipped'
        ? (skipReason ?? '')
        : last?.message,
    attempts: attempts.slice(0, -1),
  });
}

function statusOf(outcome: unknown, last: CaseStatus | undefined): CaseStatus {
  if (outcome === 'skipped') return 'skipped';
  if (outcome === 'expected' || outcome === 'flaky') return 'passed';
  return last === 'errored' ? 'errored' : 'failed';
}

function attemptOf(result: Fields): FoundAttempt {
  const statuses: Record<string, CaseStatus> = {
    passed: 'passed',
    skipped: 'skipped',
    interrupted: 'errored',
  };
  const printed = [...itemsOf(result.stdout), ...itemsOf(result.stderr)]
    .map(({ text }) => textOf(text))
    .join('');
  return {
    status: statuses[textOf(result.status)] ?? 'failed',
    durationMs: numberOf(result.duration),
    ...reasonOf(fieldsOf(result.error ?? itemsOf(result.errors)[0])),
    printed,
  };
}

/** Playwright colours its messages for terminals. */
function reasonOf(error: Fields): { message: string; details: string } {
  return {
    message: plain(textOf(error.message)),
    details: plain(textOf(error.stack) || textOf(error.snippet)),
  };
}

const colour = new RegExp(`[${String.fromCharCode(27)}␛]\\[[0-9;]*m`, 'g');

function plain(text: string): string {
  return text.replace(colour, '');
}
