import { createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';
import { createCoverageBuilder, type FileCoverage, wholeOf } from './coverage-builder';

/** Reads JaCoCo's XML: the lines of its source files, or their counters where it lists no lines. */
export function createJacocoReader(): ReportReader {
  const builder = createCoverageBuilder('jacoco');
  let packageName = '';
  let file: FileCoverage | null = null;
  let hasLines = false;
  let hasRoot = false;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'report') hasRoot = true;
      else if (name === 'package') packageName = attributes.name ?? '';
      else if (name === 'sourcefile') {
        file = builder.file([packageName, attributes.name].filter(Boolean).join('/'));
        hasLines = false;
      } else if (name === 'line' && file) {
        hasLines = true;
        const branches = wholeOf(attributes.mb) + wholeOf(attributes.cb);
        file.line(attributes.nr ?? '', wholeOf(attributes.ci) > 0);
        if (branches > 0) file.branches(attributes.nr ?? '', wholeOf(attributes.cb), branches);
      } else if (name === 'counter' && file && !hasLines) {
        const covered = wholeOf(attributes.covered);
        const counted = { covered, total: covered + wholeOf(attributes.missed) };
        const nothing = { covered: 0, total: 0 };
        if (attributes.type === 'LINE') file.counts(counted, nothing);
        if (attributes.type === 'BRANCH') file.counts(nothing, counted);
      }
    },
    onText() {},
    onClose(name) {
      if (name === 'sourcefile') file = null;
    },
  });

  return {
    write: (text) => xml.write(text),
    end() {
      const damage = xml.end();
      if (damage) throw new Error(damage);
      if (!hasRoot) throw new Error('expected the element report');
      return builder.finish();
    },
  };
}
