import type { CaseStatus, TestReport } from '../../../model/report';
import { createReportBuilder, type FoundAttempt } from '../cases/report-builder';
import { type Fields, fieldsOf, itemsOf, linesOf, numberOf, textOf } from '../input/json-values';

/** Reads the Common Test Report Format. Source: the schema at ctrf.io. */
export function readCtrf(value: unknown): TestReport {
  const results = fieldsOf(fieldsOf(value).results);
  if (!Array.isArray(results.tests)) throw new Error('expected results.tests');
  const builder = createReportBuilder('ctrf');
  for (const test of itemsOf(results.tests)) {
    const [suite] = [test.suite].map((given) =>
      Array.isArray(given) ? given.map(textOf) : splitSuite(given),
    );
    const parameters = ['browser', 'device']
      .map((key) => [key, textOf(test[key])] as const)
      .filter(([, text]) => text !== '');
    builder.add({
      ...resultOf(test),
      name: withoutTitles(textOf(test.name), suite ?? []),
      path: suite,
      file: textOf(test.filePath) || null,
      parameters: Object.fromEntries(parameters),
      printed: [linesOf(test.stdout), linesOf(test.stderr)].filter(Boolean).join('\n'),
      attempts: attemptsOf(test),
    });
  }
  return builder.finish(null);
}

/** `other` says more in `rawStatus`, the tool's own word. */
const statuses: ReadonlyMap<unknown, CaseStatus> = new Map([
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['pending', 'skipped'],
  ['other todo', 'skipped'],
  ['other disabled', 'skipped'],
]);

function statusOf({ status, rawStatus }: Fields): CaseStatus {
  return statuses.get(status === 'other' ? `other ${textOf(rawStatus)}` : status) ?? 'errored';
}

function resultOf(test: Fields) {
  return {
    status: statusOf(test),
    durationMs: numberOf(test.duration),
    message: textOf(test.message) || (test.status === 'other' ? textOf(test.rawStatus) : ''),
    details: textOf(test.trace),
  };
}

/** Reporters that only say that a case was flaky do not say what its tries were. */
function attemptsOf(test: Fields): FoundAttempt[] {
  const told = itemsOf(test.retryAttempts).map(resultOf);
  const last = told.at(-1);
  const isLastAmongThem = last !== undefined && told.length > (numberOf(test.retries) ?? told.length);
  if (told.length > 0) return isLastAmongThem ? told.slice(0, -1) : told;
  const count = Math.min(numberOf(test.retries) ?? 0, 20);
  if (test.flaky !== true && (test.status === 'passed' || count === 0)) return [];
  return Array.from({ length: Math.max(count, 1) }, () => ({ status: 'failed' as const }));
}

function splitSuite(given: unknown): string[] {
  return textOf(given)
    .split(' > ')
    .filter((part) => part !== '');
}

/** Some reporters write the titles of the suites into the name as well. */
function withoutTitles(name: string, suite: readonly string[]): string {
  for (const from of suite.keys()) {
    const titles = `${suite.slice(from).join(' ')} `;
    if (name.startsWith(titles)) return name.slice(titles.length);
  }
  return name;
}
