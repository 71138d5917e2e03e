import { createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';
import { createCoverageBuilder, type FileCoverage, wholeOf } from './coverage-builder';

/**
 * Reads Clover XML, as PHPUnit and Istanbul write it. Its lines are statements and conditions, not methods. Branches come
 * from the metrics of the files: what `truecount` and `falsecount` mean depends on the writer.
 */
export function createCloverReader(): ReportReader {
  const builder = createCoverageBuilder('clover');
  let file: FileCoverage | null = null;
  let hasRoot = false;
  let classes = 0;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'coverage') hasRoot = true;
      else if (name === 'file') file = builder.file(attributes.path || attributes.name || '');
      else if (name === 'class') classes += 1;
      else if (name === 'line' && file && attributes.type !== 'method') {
        const times = [attributes.count, attributes.truecount, attributes.falsecount].map(wholeOf);
        const isCovered = attributes.count === undefined ? times.some((count) => count > 0) : times[0] !== 0;
        file.line(attributes.num ?? '', isCovered);
      } else if (name === 'metrics' && file && classes === 0) {
        const branches = {
          covered: wholeOf(attributes.coveredconditionals),
          total: wholeOf(attributes.conditionals),
        };
        file.counts({ covered: 0, total: 0 }, branches);
      }
    },
    onText() {},
    onClose(name) {
      if (name === 'file') file = null;
      if (name === 'class') classes -= 1;
    },
  });

  return {
    write: (text) => xml.write(text),
    end() {
      const damage = xml.end();
      if (damage) throw new Error(damage);
      if (!hasRoot) throw new Error('expected the element coverage');
      return builder.finish();
    },
  };
}
