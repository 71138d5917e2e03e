import type { ReportSummary, TestCase, TestReport } from '../../model/report';
import { type Element, elements, parseXml, text } from './xml';

/** Of a case that stands for what fails a suite and not one of its cases. */
export const wholeSuiteName = 'the suite as a whole';
const longestOutput = 64 * 1024;

/**
 * Parses a JUnit file: `testsuites` or one `testsuite`, nested or not. Throws an Error that says what is wrong.
 * Source of the format: the XML that Jenkins' JUnit plugin reads.
 */
export function parseJunit(xml: string): TestReport {
  const root = parseXml(xml);
  const top = [...elements(root.testsuites), ...elements(root.testsuite)];
  if (top.length === 0) throw new Error('expected the element testsuites or testsuite');
  const cases: TestCase[] = [];
  for (const element of top) collect(element, '', cases);
  refuseLostFailures(top, cases);
  return { format: 'junit', cases };
}

export function summarizeJunit(
  report: TestReport,
  at: { attempt: number; artifactId: string; path: string },
): ReportSummary {
  const count = (status: TestCase['status']) => report.cases.filter((each) => each.status === status).length;
  return {
    format: 'junit',
    ...at,
    total: report.cases.length,
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    durationMs: Math.round(report.cases.reduce((sum, each) => sum + (each.durationMs ?? 0), 0)),
    failures: report.cases
      .filter((each) => each.status === 'failed' || each.status === 'errored')
      .slice(0, 20)
      .map((each) => ({
        ...each,
        output: each.output?.slice(0, 2_000) ?? null,
        message: each.message?.slice(0, 500) ?? null,
      })),
  };
}

function collect(suite: Element, outer: string, cases: TestCase[]): void {
  const name = text(suite['@name']) || outer;
  for (const nested of elements(suite.testsuite)) collect(nested, name, cases);
  for (const each of elements(suite.testcase)) cases.push(testCase(each, name));
  cases.push(...wholeSuite(suite, name));
}

/** A suite that fails as a whole, say because its setup did, is a case without a name of its own. */
function wholeSuite(suite: Element, name: string): TestCase[] {
  if (!('failure' in suite || 'error' in suite)) return [];
  const { failure, error } = suite;
  return [testCase({ '@name': wholeSuiteName, failure, error }, name)];
}

/** Some files only count. A failure that no case stands for would pass unseen. */
function refuseLostFailures(top: readonly Element[], cases: readonly TestCase[]): void {
  if (cases.some(({ status }) => status === 'failed' || status === 'errored')) return;
  const suites = top.flatMap((element) => [element, ...elements(element.testsuite)]);
  for (const suite of suites) {
    for (const key of ['failures', 'errors']) {
      const count = Number(text(suite[`@${key}`]));
      if (count > 0) throw new Error(`it counts ${count} ${key}, and no case in it has failed`);
    }
  }
}

function testCase(element: Element, suite: string): TestCase {
  const failure = elements(element.failure)[0];
  const error = elements(element.error)[0];
  const skipped = 'skipped' in element;
  const wrong = failure ?? error;
  const seconds = Number(text(element['@time']).replaceAll(',', ''));
  const output = [text(wrong?.['#text']), text(element['system-out']), text(element['system-err'])]
    .filter(Boolean)
    .join('\n');
  return {
    suite: suiteOf(text(element['@classname']), suite),
    name: text(element['@name']) || 'unnamed',
    status: failure ? 'failed' : error ? 'errored' : skipped ? 'skipped' : 'passed',
    durationMs: element['@time'] !== undefined && Number.isFinite(seconds) ? seconds * 1000 : null,
    message: wrong ? text(wrong['@message']) || text(wrong['#text']).split('\n', 1)[0] || null : null,
    output: output ? output.slice(0, longestOutput) : null,
  };
}

/** Node's own reporter writes `test` as the class of every case: then the name of the suite says more. */
export function suiteOf(className: string, suite: string): string {
  return className === '' || (className === 'test' && suite !== '') ? suite : className;
}
