import { messageOf } from '../../model/errors';
import type { ExportRule } from '../../model/node';
import type { Report, ReportSummary } from '../../model/report';
import { parseCobertura, summarizeCobertura } from './cobertura';
import { parseJunit, summarizeJunit } from './junit';

type ReportFormat = Exclude<ExportRule['format'], 'file'>;

/** Larger ones are kept as files but not parsed. */
export const largestReportBytes = 20 * 1024 * 1024;

export interface ReportInput {
  format: ReportFormat;
  /** Null stands for one that was too large to be held. */
  content: Uint8Array | null;
  attempt: number;
  artifactId: string;
  path: string;
}

export type ParsedReport = { report: Report; summary: ReportSummary } | { problem: string };

/** Parses what a step wrote as a report. Blocks. */
export function parseReport({ format, content, ...at }: ReportInput): ParsedReport {
  if (!content) return { problem: `it is larger than ${largestReportBytes / 1024 / 1024} MB` };
  try {
    // PostgreSQL takes no NUL, and no XML has one.
    const xml = new TextDecoder().decode(content).replaceAll('\0', '␀');
    if (format === 'cobertura') {
      const report = parseCobertura(xml);
      return { report, summary: summarizeCobertura(report, at) };
    }
    const report = parseJunit(xml);
    return { report, summary: summarizeJunit(report, at) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

export function formatName(format: ReportFormat): string {
  return format === 'junit' ? 'JUnit' : 'Cobertura';
}
