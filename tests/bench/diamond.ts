import type { Row } from './bench';
import { measureShape } from './shape-row';
import { shapes } from './suites';

export const diamond: Row = {
  name: 'diamond',
  measure: (bench) => measureShape(bench, shapes.diamond, 'diamond 1-8-1', bench.isQuick ? 1 : 5, 1.1),
};
