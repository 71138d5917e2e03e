import type { Row } from './bench';
import { measureShape } from './shape-row';
import { shapes } from './suites';

export const independent: Row = {
  name: 'independent',
  measure: (bench) =>
    measureShape(bench, shapes.independent, '50 independent steps, 8 at a time', bench.isQuick ? 1 : 3, 1.05),
};
