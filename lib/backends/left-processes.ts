import type { PlannedNode } from '../model/node';

const maxSeconds = 2;

/**
 * How many seconds the processes that a step leaves behind may go on before its files are read, on every backend: none
 * without an export. Tools such as bats end before the process that writes their report.
 */
export function leftProcessSeconds({ exports, graceMs }: Pick<PlannedNode, 'exports' | 'graceMs'>): number {
  return exports.length === 0 ? 0 : Math.min(maxSeconds, Math.ceil(graceMs / 1_000));
}
