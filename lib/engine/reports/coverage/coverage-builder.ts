import type { CoverageFormat, CoverageReport } from '../../../model/report';
import { stablePath } from '../cases/stable-path';

/** Counts what is covered, file by file. A line or branch that is reported twice counts once. */
export interface CoverageBuilder {
  file(path: string): FileCoverage;
  finish(): CoverageReport;
}

export interface FileCoverage {
  /** `key` tells the lines of the file apart. */
  line(key: string, isCovered: boolean, weight?: number): void;
  branches(key: string, covered: number, total: number): void;
  /** For formats that only have counts. */
  counts(lines: { covered: number; total: number }, branches: { covered: number; total: number }): void;
}

interface Kept {
  lines: Map<string, { isCovered: boolean; weight: number }>;
  branches: Map<string, { covered: number; total: number }>;
  counted: { lines: { covered: number; total: number }; branches: { covered: number; total: number } };
}

export function createCoverageBuilder(format: CoverageFormat): CoverageBuilder {
  const files = new Map<string, Kept>();

  return {
    file(given) {
      const path = stablePath(given);
      const file = files.get(path) ?? startFile();
      files.set(path, file);
      return {
        line(key, isCovered, weight = 1) {
          const known = file.lines.get(key);
          if (known) known.isCovered ||= isCovered;
          else file.lines.set(key, { isCovered, weight });
        },
        branches(key, covered, total) {
          const known = file.branches.get(key);
          file.branches.set(key, {
            covered: Math.max(covered, known?.covered ?? 0),
            total: Math.max(total, known?.total ?? 0),
          });
        },
        counts(lines, branches) {
          file.counted.lines.covered += lines.covered;
          file.counted.lines.total += lines.total;
          file.counted.branches.covered += branches.covered;
          file.counted.branches.total += branches.total;
        },
      };
    },
    finish() {
      const report: CoverageReport = {
        format,
        linesCovered: 0,
        linesTotal: 0,
        branchesCovered: 0,
        branchesTotal: 0,
        files: [],
      };
      for (const [path, { lines, branches, counted }] of files) {
        const all = [...lines.values()];
        const total = sum(all.map(({ weight }) => weight)) + counted.lines.total;
        const covered =
          sum(all.map(({ isCovered, weight }) => (isCovered ? weight : 0))) + counted.lines.covered;
        report.files.push({ path, linesCovered: covered, linesTotal: total });
        report.linesCovered += covered;
        report.linesTotal += total;
        const points = [...branches.values(), counted.branches];
        report.branchesCovered += sum(points.map((point) => point.covered));
        report.branchesTotal += sum(points.map((point) => point.total));
      }
      return report;
    },
  };
}

function startFile(): Kept {
  const counted = { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } };
  return { lines: new Map(), branches: new Map(), counted };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** A whole number of an attribute or a column; what is none counts as nothing. */
export function wholeOf(text: string | undefined): number {
  const given = Number(text);
  return Number.isInteger(given) && given > 0 ? given : 0;
}
