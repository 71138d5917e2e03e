import { ComposeError } from './problem';
import { substitute } from './substitute';

type Lookup = (name: string) => string | undefined;

const space = '[\\t\\v\\f\\r \\u0085\\u00a0]';
const keyForm = /^([\p{L}\p{N}_.[\]\t\v\f\r \u0085\u00a0-]*)([=:\n]|$)/u;
const escapes = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g;
const controls: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Reads an env file as the Compose tool does: `KEY=value`, `KEY: value`, `export`, comments, quotes that may span lines,
 * variables in unquoted and double-quoted values, and a bare `KEY` that takes its value from outside. `lookup` counts
 * before what the file itself has set. Throws ComposeError with the line in its place's stead: `line 3: …`.
 */
export function parseEnvFile(text: string, lookup: Lookup): Record<string, string> {
  const values = new Map<string, string>();
  const seek = (name: string) => lookup(name) ?? values.get(name);
  const source = text.replace(/^\ufeff/, '');
  let rest = source;
  for (;;) {
    rest = skipBlank(rest);
    if (rest === '') return Object.fromEntries(values);
    const line = lineOf(source, rest);
    rest = rest.replace(new RegExp(`^export${space}+`), '');
    const [whole, name = '', sign] = keyForm.exec(rest) ?? [];
    if (whole === undefined) {
      const shown = JSON.stringify(rest.split('\n')[0]);
      throw new ComposeError(`line ${line}: expected KEY=value, found ${shown}`);
    }
    const key = name.trim();
    if (/\s/.test(key))
      throw new ComposeError(`line ${line}: expected a name without spaces, found "${key}"`);
    rest = rest.slice(whole.length);
    if (sign === '=' || sign === ':') {
      const read = readValue(rest.replace(new RegExp(`^${space}+`), ''), seek, line);
      values.set(key, read.value);
      rest = read.rest;
    } else {
      const outside = lookup(key);
      if (outside !== undefined) values.set(key, outside);
    }
  }
}

/** Reads an env file of the format `raw`: lines of KEY=value, taken as they are. */
export function parseRawEnvFile(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 && !line.trimStart().startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}

function skipBlank(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith('#')) {
    const end = rest.indexOf('\n');
    rest = end < 0 ? '' : rest.slice(end).trimStart();
  }
  return rest;
}

function readValue(text: string, lookup: Lookup, line: number): { value: string; rest: string } {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const end = text.indexOf('\n');
    const [bare = ''] = (end < 0 ? text : text.slice(0, end)).split(' #');
    return {
      value: substitute(bare.trimEnd(), { lookup }),
      rest: end < 0 ? '' : text.slice(end + 1),
    };
  }
  let value = '';
  for (let index = 1; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (char === quote) {
      const rest = text.slice(index + 1);
      return { value: quote === "'" ? value : substitute(expandEscapes(value), { lookup }), rest };
    }
    if (char === '\\' && text[index + 1] === quote) {
      value += quote;
      index += 1;
    } else if (char === '\\') {
      value += `\\${text[index + 1] ?? ''}`;
      index += 1;
    } else value += char;
  }
  throw new ComposeError(`line ${line}: expected a closing ${quote}, found the end of the file`);
}

function expandEscapes(text: string): string {
  return text.replace(escapes, (match) => {
    const char = match[1] ?? '';
    if (char === '$') return '$$';
    if (char === '0') {
      return match.length === 5 ? String.fromCharCode(Number.parseInt(match.slice(2), 8)) : match;
    }
    return controls[char] ?? (char === 'c' ? match : char);
  });
}

function lineOf(source: string, rest: string): number {
  return source.slice(0, source.length - rest.length).split('\n').length;
}
