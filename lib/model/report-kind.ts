import { coverageFormats } from './coverage-formats';
import type { CoverageFormat, Report, ReportSummary, TestReport, TestSummary } from './report';

const coverageFormatNames: ReadonlySet<string> = new Set(coverageFormats);

export function isCoverageFormat(format: string): format is CoverageFormat {
  return coverageFormatNames.has(format);
}

export function isTestSummary(summary: ReportSummary): summary is TestSummary {
  return !isCoverageFormat(summary.format);
}

export function isTestReport(given: Report): given is TestReport {
  return !isCoverageFormat(given.format);
}
