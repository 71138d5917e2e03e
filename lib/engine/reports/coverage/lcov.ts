import { createLineReader } from '../input/line-reader';
import type { ReportReader } from '../report-reader';
import { createCoverageBuilder, type FileCoverage, wholeOf } from './coverage-builder';

/** Reads an lcov tracefile. A source file may have several records: what any of them covers is covered. */
export function createLcovReader(): ReportReader {
  const builder = createCoverageBuilder('lcov');
  let file: FileCoverage | null = null;
  let records = 0;
  let isOpen = false;

  return createLineReader({
    onLine(line) {
      const at = line.indexOf(':');
      const [key, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
      const columns = value.split(',');
      if (key === 'SF') {
        file = builder.file(value);
        isOpen = true;
        records += 1;
      } else if (key === 'DA' && file) file.line(columns[0] ?? '', wholeOf(columns[1]) > 0);
      else if (key === 'BRDA' && file)
        file.branches(columns.slice(0, 3).join(), wholeOf(columns[3]) > 0 ? 1 : 0, 1);
      else if (key === 'end_of_record') {
        file = null;
        isOpen = false;
      }
    },
    end() {
      if (records === 0) throw new Error('expected records that begin with SF:');
      if (isOpen) throw new Error('it is cut off: the last record has no end_of_record');
      return builder.finish();
    },
  });
}
