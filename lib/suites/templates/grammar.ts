import { nearest } from '../file/nearest';

/** A name in a template that a value takes the place of. */
export type Reference =
  | { kind: 'var'; name: string }
  | { kind: 'output'; step: string; output: string }
  | { kind: 'profile' }
  | { kind: 'execution' };

/** Something that is no template although it begins as one. `token` is the text to find it by. */
export interface TemplateMistake {
  token: string;
  message: string;
}

/** A text in parts. Where there is a mistake the text around it is still read. */
export interface ParsedTemplate {
  parts: (string | { token: string; reference: Reference })[];
  mistakes: TemplateMistake[];
}

const opening = '${{';
const closing = '}}';
/** Stands for the text `${{` itself. */
const literalOpening = '$${{';
const name = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;
const forms = 'vars.NAME, steps.ID.outputs.NAME, profile or execution.id';
const maxQuoted = 80;

/** Tells cheaply whether a text has anything for `parseTemplate` to do. */
export function mayBeTemplate(text: string): boolean {
  return text.includes(opening);
}

/** Writes a text so that it comes out of a template as it is. */
export function escapeTemplate(text: string): string {
  return text.replaceAll(opening, () => literalOpening);
}

/**
 * Reads a text with names in `${{ … }}`: one name each, of words with dots between them, and no code. `$${{` is the text
 * `${{`. Linear.
 */
export function parseTemplate(text: string): ParsedTemplate {
  const parsed: ParsedTemplate = { parts: [], mistakes: [] };
  let literal = '';
  let at = 0;
  for (let next = text.indexOf(opening); next >= 0; next = text.indexOf(opening, at)) {
    if (next > at && text[next - 1] === '$') {
      literal += text.slice(at, next - 1) + opening;
      at = next + opening.length;
      continue;
    }
    literal += text.slice(at, next);
    const end = endOf(text, next + opening.length);
    if (end === null) {
      const token = firstLine(text.slice(next));
      parsed.mistakes.push({ token, message: `expected "}}" after ${quoted(token)}, found none` });
      return parsed;
    }
    const token = text.slice(next, end + closing.length);
    at = end + closing.length;
    const read = readReference(text.slice(next + opening.length, end).trim());
    if (typeof read === 'string') {
      parsed.mistakes.push({ token, message: read });
      continue;
    }
    if (literal !== '') parsed.parts.push(literal);
    literal = '';
    parsed.parts.push({ token, reference: read });
  }
  literal += text.slice(at);
  if (literal !== '') parsed.parts.push(literal);
  return parsed;
}

/** Where the `}}` is that ends a name: before the next `${{`; null when there is none. */
function endOf(text: string, from: number): number | null {
  const end = text.indexOf(closing, from);
  const next = text.indexOf(opening, from);
  return end < 0 || (next >= 0 && next < end) ? null : end;
}

/** The name, or what is wrong with it. */
function readReference(source: string): Reference | string {
  if (source === '') return `expected ${forms} between "\${{" and "}}", found nothing`;
  const words = source.split('.');
  if (!words.every((word) => name.test(word))) {
    return `expected one of ${forms}, found ${quoted(source)}: a template holds one name and no code; for the text itself write "$\${{"`;
  }
  const [root = '', second, third, fourth] = words;
  switch (root) {
    case 'vars':
      if (second === undefined || words.length > 2) return expected('vars.NAME', source);
      return { kind: 'var', name: second };
    case 'profile':
      return words.length === 1 ? { kind: 'profile' } : expected('profile', source);
    case 'execution':
      if (second === 'id' && words.length === 2) return { kind: 'execution' };
      return expected('execution.id', source);
    case 'steps':
      if (second === undefined || fourth === undefined || words.length > 4 || third !== 'outputs')
        return expected('steps.ID.outputs.NAME', source);
      return { kind: 'output', step: second, output: fourth };
    default:
      return unknownRoot(root, source);
  }
}

function expected(form: string, source: string): string {
  return `expected ${form}, found ${quoted(source)}`;
}

function unknownRoot(root: string, source: string): string {
  const near = nearest(root, ['vars', 'steps', 'profile', 'execution']);
  return `expected one of ${forms}, found ${quoted(source)}${near === null ? '' : `; did you mean "${near}"?`}`;
}

function firstLine(text: string): string {
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  return line.length > maxQuoted ? line.slice(0, maxQuoted) : line;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > maxQuoted ? `${text.slice(0, maxQuoted - 1)}…` : text);
}
