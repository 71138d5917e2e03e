import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';

type Mapping = Record<string, unknown>;
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [key: string]: unknown;
}

/**
 * Renders a chart as Helm does, as far as the charts of this repository go: values by their paths, `quote`, `toYaml`,
 * `nindent`, `if`, `with` and `else` on a value, and `range` over a mapping. It is not Helm: anything else throws, so that what
 * renders here is of the small part of the language that both read alike.
 */
export function renderChart(
  chart: string,
  values: Mapping,
  release: { name: string; namespace: string },
): Manifest[] {
  const defaults = parseOne(readFileSync(path.join(chart, 'values.yaml'), 'utf8'));
  const root = {
    Values: merge(defaults, values),
    Release: { Name: release.name, Namespace: release.namespace, Service: 'Helm' },
  };
  const folder = path.join(chart, 'templates');
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const text = renderTemplate(readFileSync(path.join(folder, file), 'utf8'), root);
      return parseAllDocuments(text).flatMap((document) => {
        if (document.errors[0]) throw new Error(`${file}: ${document.errors[0].message}\n${text}`);
        const manifest: Manifest | null = document.toJS();
        return manifest ? [manifest] : [];
      });
    });
}

function parseOne(text: string): Mapping {
  const [document] = parseAllDocuments(text);
  return document?.toJS();
}

/** Mappings are merged, as Helm merges values; everything else replaces. */
function merge(below: Mapping, above: Mapping): Mapping {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const own = merged[key];
    merged[key] = isMapping(own) && isMapping(value) ? merge(own, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Scope {
  dot: unknown;
  variables: Record<string, unknown>;
}

/** A piece of text, or what stands between braces. */
type Token = { text: string } | { action: string };
interface Block {
  block: string;
  body: Part[];
  /** What is rendered where the value is empty. */
  otherwise: Part[];
}
type Part = Token | Block;

/** Renders one template. */
export function renderTemplate(source: string, root: Mapping): string {
  const tokens = tokenize(source);
  const { parts } = parse(tokens, false);
  return render(parts, { dot: root, variables: {} });
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isTrimmed = false;
  const addText = (text: string) => tokens.push({ text: isTrimmed ? text.trimStart() : text });
  for (const match of source.matchAll(/\{\{(-?)\s*(.*?)\s*(-?)\}\}/gs)) {
    const text = source.slice(at, match.index);
    addText(match[1] === '-' ? text.trimEnd() : text);
    tokens.push({ action: match[2] ?? '' });
    isTrimmed = match[3] === '-';
    at = match.index + match[0].length;
  }
  addText(source.slice(at));
  return tokens;
}

/** Takes tokens up to the `end` of the block that it is in, or to its `else`. */
function parse(tokens: Token[], isInside: boolean): { parts: Part[]; end: string } {
  const parts: Part[] = [];
  for (let token = tokens.shift(); token; token = tokens.shift()) {
    if ('text' in token) parts.push(token);
    else if (token.action === 'end' || token.action === 'else') {
      if (!isInside) throw new Error(`an {{ ${token.action} }} without a beginning`);
      return { parts, end: token.action };
    } else if (/^(if|with|range)\s/.test(token.action)) {
      const { parts: body, end } = parse(tokens, true);
      const otherwise = end === 'else' ? parse(tokens, true) : { parts: [], end: 'end' };
      if (otherwise.end !== 'end') throw new Error(`{{ ${token.action} }} has two {{ else }}`);
      parts.push({ block: token.action, body, otherwise: otherwise.parts });
    } else parts.push(token);
  }
  if (isInside) throw new Error('a block without its {{ end }}');
  return { parts, end: '' };
}

function render(parts: readonly Part[], scope: Scope): string {
  return parts
    .map((part) => {
      if ('text' in part) return part.text;
      return 'action' in part ? String(evaluate(part.action, scope)) : renderBlock(part, scope);
    })
    .join('');
}

function renderBlock({ block, body, otherwise }: Block, scope: Scope): string {
  const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(block) ?? [];
  if (word === 'range') {
    const [, key = '', item = '', list = ''] = /^\$(\w+), \$(\w+) := (\S+)$/.exec(rest) ?? [];
    const over = evaluate(list, scope);
    if (!isMapping(over) || otherwise.length > 0)
      throw new Error(`{{ ${block} }}: expected a mapping, and no {{ else }}`);
    return Object.entries(over)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) =>
        render(body, { ...scope, dot: value, variables: { ...scope.variables, [key]: name, [item]: value } }),
      )
      .join('');
  }
  const value = evaluate(rest, scope);
  if (isEmpty(value)) return render(otherwise, scope);
  return render(body, word === 'with' ? { ...scope, dot: value } : scope);
}

/** What Go's templates take for false. */
function isEmpty(value: unknown): boolean {
  return !value || isDeepStrictEqual(value, []) || isDeepStrictEqual(value, {});
}

function evaluate(action: string, scope: Scope): unknown {
  const [first = '', ...filters] = action.split(/\s*\|\s*/);
  const [, makesYaml, operand = ''] = /^(toYaml )?(\S+)$/.exec(first) ?? [];
  if (operand === '')
    throw new Error(`{{ ${action} }} is not of the part of the language that is rendered here`);
  const found = lookUp(operand, scope);
  let value = makesYaml ? stringify(found, { lineWidth: 0 }).trimEnd() : found;
  for (const filter of filters) {
    const [, indent] = /^nindent (\d+)$/.exec(filter) ?? [];
    if (filter === 'quote') value = JSON.stringify(String(value));
    else if (indent !== undefined) value = `\n${String(value).replace(/^/gm, ' '.repeat(Number(indent)))}`;
    else
      throw new Error(`{{ ${action} }}: ${filter} is not of the part of the language that is rendered here`);
  }
  if (value === undefined || value === null) throw new Error(`{{ ${action} }} has no value`);
  return value;
}

function lookUp(operand: string, { dot, variables }: Scope): unknown {
  if (operand === '.') return dot;
  const [, variable] = /^\$(\w+)$/.exec(operand) ?? [];
  if (variable !== undefined) return variables[variable];
  if (!/^(\.[A-Za-z]\w*)+$/.test(operand)) throw new Error(`${operand} is not a path of values`);
  // In `with` and `range` a path begins at the value there, as in Helm: what is meant there is written without a path.
  let value: unknown = dot;
  for (const name of operand.slice(1).split('.')) value = isMapping(value) ? value[name] : undefined;
  return value;
}
