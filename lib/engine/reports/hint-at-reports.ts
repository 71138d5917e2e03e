import type { ExportRule } from '../../model/node';
import { formatTitles } from '../../model/report';
import { detectFormat } from './detect-format';
import { createTextDecoding } from './input/decode';

/** Names that reports usually have. */
const wellKnownNames = [
  '**/*{junit,JUnit,TEST-,test-report,test-results,results,report,coverage,cobertura,clover,jacoco}*.xml',
  '**/*.trx',
  '**/*.tap',
  '**/lcov.info',
];

/**
 * Rules for files that a suite exports none of, but that may be reports. A backend is given them beside the suite's own;
 * without any export there are none, for then nothing is collected.
 */
export function reportProbes(exports: readonly ExportRule[]): ExportRule[] {
  if (exports.length === 0) return [];
  return wellKnownNames.map((path) => ({ path, format: 'file', on: 'always', required: false }));
}

/** A sentence with the line to add when a file that begins so is a report; null when it is none. */
export function hintAtReport(path: string, head: Uint8Array): string | null {
  const decoding = createTextDecoding();
  const format = detectFormat(decoding.write(head) + decoding.end());
  if (format === null) return null;
  const line = `{ path: ${/[{},[\]*?#]/.test(path) ? JSON.stringify(path) : path}, format: ${format} }`;
  return `${path} looks like a ${formatTitles[format]} report that no export names. To read it, add to export: ${line}`;
}
