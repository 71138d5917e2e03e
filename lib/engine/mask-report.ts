import type { Masker } from '../model/masker';
import type { Report, ReportSummary, TestCase } from '../model/report';

type Texts = Pick<Masker, 'text' | 'cutText'>;

/** A report's file is masked as text; what XML writes in its own way shows only once it is parsed. */
export function maskReport(report: Report, masker: Texts): Report {
  if (report.format === 'junit')
    return { ...report, cases: report.cases.map((each) => maskCase(each, masker)) };
  return { ...report, files: report.files.map((file) => ({ ...file, path: masker.text(file.path) })) };
}

export function maskSummary(summary: ReportSummary, masker: Texts): ReportSummary {
  const path = masker.text(summary.path);
  if (summary.format !== 'junit') return { ...summary, path };
  return { ...summary, path, failures: summary.failures.map((each) => maskCase(each, masker)) };
}

function maskCase(given: TestCase, { text, cutText }: Texts): TestCase {
  const sentence = (value: string | null) => (value === null ? null : cutText(value));
  return {
    ...given,
    suite: text(given.suite),
    name: text(given.name),
    message: sentence(given.message),
    output: sentence(given.output),
  };
}
