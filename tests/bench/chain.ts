import type { Row } from './bench';
import { measureShape } from './shape-row';
import { shapes } from './suites';

export const chain: Row = {
  name: 'chain',
  measure: (bench) =>
    measureShape(bench, shapes.chain, 'chain of 10 one-shot steps', bench.isQuick ? 1 : 5, 1.1),
};
