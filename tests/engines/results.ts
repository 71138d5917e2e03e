import type { EngineName, TestRun } from './engine';

/** One group of tests on one engine. */
export interface GroupResult {
  passed: number;
  failed: string[];
  /** Why there is no result; null when there is one. */
  error: string | null;
}

export interface EngineResult {
  name: EngineName;
  version: string;
  /** As `2026-11-29`. */
  day: string;
  /** By the group's name. */
  groups: Record<string, GroupResult>;
}

const begin = '<!-- results, made by "npm run engines" -->';
const maxDetailLines = 15;
const end = '<!-- end of results -->';

export function countTests({ files }: TestRun): GroupResult {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  // A file that cannot be loaded, or whose hooks fail, has no failed test of its own.
  for (const { name, status, assertionResults } of files) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
      failed.push(`${name} as a whole`);
  }
  return { passed: tests.filter(({ status }) => status === 'passed').length, failed, error: null };
}

/** What failed, with its error, for the terminal. */
export function failuresOf({ files }: TestRun): string[] {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [`${name}: ${message ?? 'failed as a whole'}`];
    return failed.map(
      ({ fullName, failureMessages }) => `${fullName}\n${detailOf(failureMessages?.[0] ?? '')}`,
    );
  });
}

function detailOf(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(0, maxDetailLines)
    .map((line) => `      ${line}`)
    .join('\n');
}

export function isRight({ groups }: EngineResult): boolean {
  return Object.values(groups).every(
    ({ passed, failed, error }) => error === null && failed.length === 0 && passed > 0,
  );
}

/** The text with the rows of these engines put in; those of others stay. Throws when the text has no place for them. */
export function putIntoText(
  text: string,
  groups: readonly string[],
  results: readonly EngineResult[],
): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected the lines ${begin} and ${end}, found none`);
  const headings = ['name', 'engine', ...groups, 'tried on'];
  const kept = new Map(
    text
      .slice(from, to)
      .split('\n')
      .filter((line) => line.startsWith('| '))
      // Without the heading and the line below it.
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .filter((cells) => cells.length === headings.length)
      .map((cells) => [cells[0] ?? '', cells] as const),
  );
  for (const { name, version, day, groups: found } of results) {
    const cells = groups.map((group, index) => cellOf(found[group]) ?? kept.get(name)?.[index + 2] ?? '');
    kept.set(name, [name, version, ...cells, day]);
  }
  const rows = [...kept.values()].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return `${text.slice(0, from)}${begin}\n\n${tableText(headings, rows)}\n\n${text.slice(to)}`;
}

/** As Prettier leaves it. */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(3, heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [
    line(headings),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}

/** `43`, or `2 of 43 failed`; null when the group was not run. */
function cellOf(result: GroupResult | undefined): string | null {
  if (!result) return null;
  if (result.error !== null) return 'no result';
  const all = result.passed + result.failed.length;
  if (result.failed.length === 0) return `${all} right`;
  return `${result.failed.length} of ${all} wrong`;
}
