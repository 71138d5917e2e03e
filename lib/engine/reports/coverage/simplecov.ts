import type { CoverageReport } from '../../../model/report';
import { fieldsOf } from '../input/json-values';
import { createCoverageBuilder, type FileCoverage } from './coverage-builder';

/** Reads SimpleCov's `coverage.json` or `.resultset.json`. Lines that are null have no code. */
export function readSimplecov(value: unknown): CoverageReport {
  const report = fieldsOf(value);
  // A result set has one entry for each command.
  const sets = report.meta !== undefined ? [report] : Object.values(report).map(fieldsOf);
  const covered = sets.map((set) => fieldsOf(set.coverage)).filter((set) => Object.keys(set).length > 0);
  if (covered.length === 0 && !sets.some((set) => 'coverage' in set))
    throw new Error('expected the key coverage');
  const builder = createCoverageBuilder('simplecov');
  for (const set of covered) {
    for (const [path, given] of Object.entries(set)) {
      const file = builder.file(path);
      const lines = Array.isArray(given) ? given : fieldsOf(given).lines;
      if (!Array.isArray(lines)) continue;
      for (const [index, count] of lines.entries())
        if (typeof count === 'number') file.line(String(index + 1), count > 0);
      addBranches(file, fieldsOf(given).branches);
    }
  }
  return builder.finish();
}

/** A list with line and coverage in `coverage.json`; conditions with their branches in a result set. */
function addBranches(file: FileCoverage, branches: unknown): void {
  if (Array.isArray(branches)) {
    for (const [index, branch] of branches.entries()) {
      const { coverage } = fieldsOf(branch);
      if (typeof coverage === 'number') file.branches(String(index), coverage > 0 ? 1 : 0, 1);
    }
    return;
  }
  for (const [condition, given] of Object.entries(fieldsOf(branches))) {
    const counts = Object.values(fieldsOf(given)).filter((count) => typeof count === 'number');
    file.branches(condition, counts.filter((count) => count > 0).length, counts.length);
  }
}
