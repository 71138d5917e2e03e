import { variableName } from './schema/variables';

const maxValueLength = 32_768;
const line = /^\s*(?:export\s+)?([^\s=]+)\s*=\s*(.*?)\s*$/;
const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };

/** What an env file sets, and what is wrong with it by line. */
export interface EnvFile {
  variables: Record<string, string>;
  problems: { line: number; message: string }[];
}

/**
 * Reads lines `NAME=value`, with or without `export`. `#` begins a comment, in a value only after a space. Within double
 * quotes `\n` and the like count; nothing expands `$`. A value ends with its line.
 */
export function parseEnvFile(text: string): EnvFile {
  const variables: [string, string][] = [];
  const problems: EnvFile['problems'] = [];
  for (const [index, source] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n/)
    .entries()) {
    if (/^\s*(?:#|$)/.test(source)) continue;
    const problem = readLine(source, variables);
    if (problem !== null) problems.push({ line: index + 1, message: problem });
  }
  return { variables: Object.fromEntries(variables), problems };
}

function readLine(source: string, variables: [string, string][]): string | null {
  const [, name, written = ''] = line.exec(source) ?? [];
  if (name === undefined) return 'expected NAME=value, a comment or an empty line';
  const known = variableName.safeParse(name);
  if (!known.success) return known.error.issues[0]?.message ?? 'expected the name of a variable';
  const value = readValue(written);
  if (value === null) return 'expected the closing quote in the same line';
  if (value.length > maxValueLength) return `expected a value of at most ${maxValueLength} characters`;
  variables.push([name, value]);
  return null;
}

/** Null when a quote is not closed. */
function readValue(written: string): string | null {
  const quote = written[0];
  if (quote !== '"' && quote !== "'") return written.replace(/(?:^|\s+)#.*$/, '');
  const pattern = quote === '"' ? /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/ : /^'([^']*)'\s*(?:#.*)?$/;
  const inner = pattern.exec(written)?.[1];
  if (inner === undefined) return null;
  return quote === "'" ? inner : inner.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}
