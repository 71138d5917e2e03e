import type { Masker } from '../model/masker';
import type { CaseSummary, Report, ReportSummary, TestCase } from '../model/report';
import { isTestReport, isTestSummary } from '../model/report-kind';
import { omission } from './reports/cases/bounded-text';

type Texts = Pick<Masker, 'text' | 'cutText'>;

/** A report's file is masked as text; what XML writes in its own way shows only once it is parsed. */
export function maskReport(report: Report, masker: Texts): Report {
  if (!isTestReport(report)) {
    return { ...report, files: report.files.map((file) => ({ ...file, path: masker.text(file.path) })) };
  }
  return {
    ...report,
    cases: report.cases.map((each) => maskCase(each, masker)),
    outputs: report.outputs.map((output) => maskOutput(output, masker)),
  };
}

export function maskSummary(summary: ReportSummary, masker: Texts): ReportSummary {
  const path = masker.text(summary.path);
  if (!isTestSummary(summary)) return { ...summary, path };
  return { ...summary, path, failures: summary.failures.map((each) => maskFailure(each, masker)) };
}

function maskCase(given: TestCase, { text, cutText }: Texts): TestCase {
  const optional = (value: string | null) => (value === null ? null : text(value));
  const sentence = (value: string | null) => (value === null ? null : cutText(value));
  return {
    ...given,
    file: optional(given.file),
    path: given.path.map((part) => text(part)),
    className: optional(given.className),
    name: text(given.name),
    parameters: Object.fromEntries(
      Object.entries(given.parameters).map(([name, value]) => [text(name), text(value)]),
    ),
    type: optional(given.type),
    message: sentence(given.message),
    attempts: given.attempts.map((attempt) => ({ ...attempt, message: sentence(attempt.message) })),
  };
}

/** A secret may be cut wherever a part is left out. */
function maskOutput(output: string, { cutText }: Texts): string {
  return output
    .split(omission)
    .map((part, index) => (index % 2 === 0 ? cutText(part) : part))
    .join('');
}

function maskFailure(given: CaseSummary, { text, cutText }: Texts): CaseSummary {
  const sentence = (value: string | null) => (value === null ? null : cutText(value));
  return {
    ...given,
    suite: text(given.suite),
    name: text(given.name),
    message: sentence(given.message),
    output: sentence(given.output),
  };
}
