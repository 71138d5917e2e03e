import type { VariableRow } from '@/app/_components/variable-rows';
import { type Draft, filled } from './draft';

export interface Issue {
  /** `name`, `env.NAME`, `secrets.0.from`, `steps.api.headers.NAME`, … */
  path: string;
  message: string;
}

/** What is wrong before anything is sent: what the API could not tell apart. */
export function issuesOf(draft: Draft, isNew: boolean): Issue[] {
  const lists: [string, readonly VariableRow[]][] = [
    ['env', draft.env],
    ['headers', draft.headers],
    ...draft.steps.flatMap(({ id, env, headers }): [string, readonly VariableRow[]][] => [
      [`steps.${id}.env`, env],
      [`steps.${id}.headers`, headers],
    ]),
  ];
  return [
    ...(isNew && draft.name.trim() === '' ? [{ path: 'name', message: 'expected a name, found none' }] : []),
    ...lists.flatMap(([path, rows]) => [
      ...rows
        .filter(({ name, value }) => name.trim() === '' && value !== '')
        .map(() => ({ path: `${path}.`, message: 'expected a name for this value, found none' })),
      ...repeated(rows.map(({ name }) => name.trim())).map((name) => ({
        path: `${path}.${name}`,
        message: `expected each name once, found ${name} again`,
      })),
    ]),
  ];
}

/** What stands under one field; of a group with `isWhole` all that is in it. */
export function issueAt(issues: readonly Issue[], path: string, isWhole = false): string | null {
  const found = issues.filter(
    (issue) => issue.path === path || (isWhole && issue.path.startsWith(`${path}.`)),
  );
  return [...new Set(found.map(({ message }) => withoutPath(message)))].join('; ') || null;
}

/** Those that stand under no field of what was sent. */
export function issuesElsewhere(issues: readonly Issue[], draft: Draft): Issue[] {
  const shown = new Set([
    ...['name', 'description', 'extends', 'default', 'launchable', 'env', 'headers', 'secrets'],
    ...rowPaths('env', draft.env),
    ...rowPaths('headers', draft.headers),
    ...draft.steps.flatMap(({ id, env, headers }) => [
      `steps.${id}`,
      ...rowPaths(`steps.${id}.env`, env),
      ...rowPaths(`steps.${id}.headers`, headers),
    ]),
    ...filled(draft.secrets).flatMap((_, at) => [`secrets.${at}`, `secrets.${at}.key`, `secrets.${at}.from`]),
  ]);
  return issues.filter(({ path }) => !shown.has(path));
}

function rowPaths(path: string, rows: readonly VariableRow[]): string[] {
  return rows.map(({ name }) => `${path}.${name.trim()}`);
}

/** The field says where. */
function withoutPath(message: string): string {
  return message.replace(
    /^(?:name|description|default|extends|launchable|env|headers|secrets|steps)\S*: /,
    '',
  );
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => name !== '' && names.indexOf(name) < at))];
}
