import { createXmlReader } from '../input/xml-reader';
import type { ReportReader } from '../report-reader';
import { createCoverageBuilder, type FileCoverage, wholeOf } from './coverage-builder';

/** Reads Cobertura XML, counting its lines rather than trusting its rates. */
export function createCoberturaReader(): ReportReader {
  const builder = createCoverageBuilder('cobertura');
  let file: FileCoverage | null = null;
  let hasRoot = false;
  let hasPackages = false;
  let depthOfMethods = 0;

  const xml = createXmlReader({
    onOpen(name, attributes) {
      if (name === 'coverage') hasRoot = true;
      else if (name === 'packages') hasPackages = true;
      else if (name === 'class') file = builder.file(attributes.filename || attributes.name || '');
      else if (name === 'methods') depthOfMethods += 1;
      // Lines of methods are there once more among those of the class.
      else if (name === 'line' && file && depthOfMethods === 0) {
        const key = attributes.number ?? '';
        file.line(key, Number(attributes.hits) > 0);
        const [, covered, total] = /\((\d+)\/(\d+)\)/.exec(attributes['condition-coverage'] ?? '') ?? [];
        if (total !== undefined) file.branches(key, wholeOf(covered), wholeOf(total));
      }
    },
    onText() {},
    onClose(name) {
      if (name === 'class') file = null;
      if (name === 'methods') depthOfMethods -= 1;
    },
  });

  return {
    write: (text) => xml.write(text),
    end() {
      const damage = xml.end();
      if (damage) throw new Error(damage);
      if (!hasRoot) throw new Error('expected the element coverage');
      if (!hasPackages) throw new Error('expected the element packages in coverage');
      return builder.finish();
    },
  };
}
