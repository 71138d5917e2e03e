import type { Artifact } from '../../model/artifact';
import type { ExportRule } from '../../model/node';
import type { TestReport } from '../../model/report';
import { mergeRepeats } from './cases/merge-repeats';
import { detectFormat, headLength } from './detect-format';
import { createTextDecoding } from './input/decode';
import { formatTitle, type WantedFormat } from './parse-report';

/** A folder of Allure results has more than results in it. */
const allureResult = /-result\.json$/;

/** Extensions of files that are meant to be reports. */
const reportName = /\.(?:xml|trx|tap|info)$/i;

/**
 * The format under which a file is stored that rules ask for as `asked`, told by its first bytes: `auto` becomes the
 * format of its content. When Gantry reads none such, it stays `auto` for a file that is meant to be a report, because
 * a rule names it (`isNamed`) or by its extension, and any other one is a plain file.
 */
export function artifactFormat(
  asked: ExportRule['format'],
  path: string,
  isNamed: boolean,
  head: Uint8Array,
): Artifact['format'] {
  if (asked === 'allure' && !allureResult.test(path)) return 'file';
  if (asked !== 'auto') return asked;
  const decoding = createTextDecoding();
  const found = detectFormat(decoding.write(head) + decoding.end());
  return found ?? (isNamed || reportName.test(path) ? 'auto' : 'file');
}

/** The first bytes of a content, enough to tell its format, and all of it again. */
export async function peek(
  content: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; content: AsyncIterable<Uint8Array> }> {
  const iterator = content[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  while (length < headLength && !isOver) {
    const next = await iterator.next();
    if (next.done) isOver = true;
    else {
      first.push(next.value);
      length += next.value.length;
    }
  }
  const all = async function* () {
    yield* first;
    if (isOver) return;
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(first), content: all() };
}

/** The sentence for a report that could only be read in part, which fails its step; null when all of it was read. */
export function damageSentence(
  path: string,
  format: WantedFormat,
  { cases, damage }: TestReport,
): string | null {
  if (damage === null) return null;
  const read = cases.length === 1 ? '1 case' : `${cases.length} cases`;
  return `the ${formatTitle(format)} ${path} is damaged: ${damage} (${read} could be read)`;
}

/** Allure's results of a step as one report: each file is one try of one test. */
export function joinAllure(reports: readonly TestReport[]): TestReport {
  const inOrder = [...reports].sort((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0));
  const cases: TestReport['cases'] = [];
  const outputs: string[] = [];
  for (const report of inOrder) {
    const shift = outputs.length;
    for (const each of report.cases)
      cases.push({ ...each, output: each.output === null ? null : each.output + shift });
    outputs.push(...report.outputs);
  }
  const gone = new Set(mergeRepeats(cases, true));
  return { format: 'allure', cases: cases.filter((each) => !gone.has(each)), outputs, damage: null };
}
