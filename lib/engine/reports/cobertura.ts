import type { CoverageReport, ReportSummary } from '../../model/report';
import { elements, parseXml, text } from './xml';

/** Parses a Cobertura file, counting its lines rather than trusting its rates. Throws when it is not one. */
export function parseCobertura(xml: string): CoverageReport {
  const coverage = elements(parseXml(xml).coverage)[0];
  if (!coverage) throw new Error('expected the element coverage');
  // Clover's files begin with the same element.
  if (!('packages' in coverage)) throw new Error('expected the element packages in coverage');
  const report: CoverageReport = {
    format: 'cobertura',
    linesCovered: 0,
    linesTotal: 0,
    branchesCovered: 0,
    branchesTotal: 0,
    files: [],
  };
  const files = new Map<string, CoverageReport['files'][number]>();
  for (const packages of elements(coverage.packages)) {
    for (const each of elements(packages.package)) {
      for (const classes of elements(each.classes)) {
        for (const element of elements(classes.class)) addClass(report, files, element);
      }
    }
  }
  report.files = [...files.values()];
  return report;
}

export function summarizeCobertura(
  report: CoverageReport,
  at: { attempt: number; artifactId: string; path: string },
): ReportSummary {
  const { files: _, ...totals } = report;
  return { ...totals, ...at };
}

function addClass(
  report: CoverageReport,
  files: Map<string, CoverageReport['files'][number]>,
  element: Record<string, unknown>,
): void {
  const path = text(element['@filename']) || text(element['@name']);
  const file = files.get(path) ?? { path, linesCovered: 0, linesTotal: 0 };
  files.set(path, file);
  for (const lines of elements(element.lines)) {
    for (const line of elements(lines.line)) {
      const isCovered = Number(text(line['@hits'])) > 0;
      file.linesTotal += 1;
      report.linesTotal += 1;
      if (isCovered) file.linesCovered += 1;
      if (isCovered) report.linesCovered += 1;
      const branches = /\((\d+)\/(\d+)\)/.exec(text(line['@condition-coverage']));
      report.branchesCovered += Number(branches?.[1] ?? 0);
      report.branchesTotal += Number(branches?.[2] ?? 0);
    }
  }
}
