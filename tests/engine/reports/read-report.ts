import { startParsing, type WantedFormat } from '@/lib/engine/reports/parse-report';
import { settleTentative } from '@/lib/engine/reports/summarize';
import type { CoverageReport, Report, TestCase, TestReport } from '@/lib/model/report';
import { isTestReport } from '@/lib/model/report-kind';
import { caseTitle } from '@/lib/model/test-case';

/** Parses a report as a whole, or in pieces of `pieceLength` bytes. */
export function parse(content: string | Uint8Array, format: WantedFormat = 'auto', pieceLength = Infinity) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const parsing = startParsing(format);
  for (let at = 0; at < bytes.length; at += pieceLength) parsing.write(bytes.subarray(at, at + pieceLength));
  return parsing.end();
}

export function read(content: string | Uint8Array, format?: WantedFormat, pieceLength?: number): Report {
  const parsed = parse(content, format, pieceLength);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.report;
}

/** A report of tests after a tool that ended with this code. */
export function readTests(content: string | Uint8Array, exitCode = 0): TestReport {
  const report = read(content);
  if (!isTestReport(report)) throw new Error('expected a report of tests');
  return settleTentative(report, exitCode);
}

export function readCoverage(content: string | Uint8Array): CoverageReport {
  const report = read(content);
  if (isTestReport(report)) throw new Error('expected a report of coverage');
  return report;
}

/** "passed: suite › case", in the order of the report. */
export function titles(content: string | Uint8Array, exitCode?: number): string[] {
  return readTests(content, exitCode).cases.map((each) => `${each.status}: ${caseTitle(each)}`);
}

export function only({ cases }: TestReport): TestCase {
  const [first] = cases;
  if (!first || cases.length !== 1) throw new Error(`expected one case, found ${cases.length}`);
  return first;
}

export function outputOf(report: TestReport, { output }: Pick<TestCase, 'output'>): string | null {
  return output === null ? null : (report.outputs[output] ?? null);
}
