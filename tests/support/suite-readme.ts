import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The rows `step | state | sentence` of a suite's README. */
export function tableOf(suite: string): string[][] {
  const readme = readFileSync(
    fileURLToPath(new URL(`../../suites/${suite}/README.md`, import.meta.url)),
    'utf8',
  );
  return [...readme.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\|(.*)\|$/gm)].map(([, step, state, sentence]) => [
    step ?? '',
    state ?? '',
    sentence?.trim() ?? '',
  ]);
}

/** The rows `step | what to do` of a suite's README. */
export function actionsOf(suite: string): string[][] {
  const readme = readFileSync(
    fileURLToPath(new URL(`../../suites/${suite}/README.md`, import.meta.url)),
    'utf8',
  );
  return [...readme.matchAll(/^\| `([a-z-]+)` +\| (\S.* at suite\.yaml:\d+) +\|$/gm)].map(
    ([, step, text]) => [step ?? '', text?.trim() ?? ''],
  );
}

/** Rows as texts that can be compared, whatever order they came in. */
export function sorted(rows: string[][]): string[] {
  return rows.map((row) => row.join(' | ')).sort();
}
