import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isMapping, type Mapping, type Place, type Places } from './places';
import { ComposeError, type ComposeProblem } from './problem';
import { BareDate, goText, isScalar as isPlain, readPlainScalar } from './scalars';

/** One document of a Compose file: plain values, and what its tags say about the file that it overrides. */
export interface ComposeDocument {
  value: Mapping;
  /** Paths whose value in the files before counts no longer: those tagged `!reset` and `!override`. */
  resets: string[][];
}

export interface ParsedCompose {
  documents: ComposeDocument[];
  problems: ComposeProblem[];
}

const maxNodes = 200_000;
const maxDepth = 100;

interface Reading {
  file: string;
  document: Document;
  lines: LineCounter;
  places: Places;
  problems: ComposeProblem[];
  resets: string[][];
  nodes: number;
}

/** Reads the YAML of a Compose file as the Compose tool does, with merge keys and anchors, into plain values with places. */
export function parseComposeFile(file: string, text: string, places: Places): ParsedCompose {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'silent' });
  const problems: ComposeProblem[] = [];
  const documents: ComposeDocument[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    for (const error of document.errors.slice(0, 20)) {
      const { line, col } = lines.linePos(error.pos[0]);
      problems.push({ file, line, column: col, message: `not valid YAML: ${firstLine(error.message)}` });
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    const reading: Reading = { file, document, lines, places, problems, resets: [], nodes: 0 };
    const value = readNode(reading, document.contents, [], 0);
    if (isMapping(value)) documents.push({ value, resets: reading.resets });
    else problems.push({ file, line: 1, column: 1, message: 'expected a mapping with "services"' });
  }
  return { documents, problems };
}

function readNode(reading: Reading, node: unknown, path: string[], depth: number): unknown {
  reading.nodes += 1;
  if (reading.nodes > maxNodes) throw new ComposeError(`expected at most ${maxNodes} values, found more`);
  if (depth > maxDepth) throw new ComposeError(`expected at most ${maxDepth} levels of nesting, found more`);
  if (isAlias(node)) return readNode(reading, targetOf(reading, node), path, depth + 1);
  if (isScalar(node)) return readScalar(reading, node, path);
  if (isMap(node)) return readMapping(reading, node, path, depth);
  return isSequence(node) ? readList(reading, node, path, depth) : null;
}

function readMapping(reading: Reading, node: YAMLMap, path: string[], depth: number): Mapping {
  const own = new Map<string, { value: unknown; place: Place }>();
  const merged: Mapping[] = [];
  for (const { key, value } of node.items) {
    if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
      merged.push(...mergedMappings(reading, value, path, depth, placeOf(reading, key)));
      continue;
    }
    const read = readNode(reading, key, path, depth + 1);
    const name = isPlain(read) ? goText(read) : '';
    if (typeof read !== 'string') reportKey(reading, key, name);
    const tag = tagOf(value);
    if (tag === '!reset' || tag === '!override') reading.resets.push([...path, name]);
    if (tag === '!reset') continue;
    own.set(name, {
      value: readNode(reading, value, [...path, name], depth + 1),
      place: placeOf(reading, key),
    });
  }
  const result: Mapping = {};
  for (const base of merged.reverse()) {
    for (const [key, value] of Object.entries(base)) {
      define(result, key, value);
      reading.places.set(result, key, reading.places.get(base, key));
    }
  }
  for (const [key, { value, place }] of own) {
    define(result, key, value);
    reading.places.set(result, key, place);
  }
  return result;
}

/** The first mapping that `<<` names counts most, so the mappings are returned in that order. */
function mergedMappings(
  reading: Reading,
  node: unknown,
  path: string[],
  depth: number,
  place: Place,
): Mapping[] {
  const target = isAlias(node) ? targetOf(reading, node) : node;
  const sources = isSequence(target) ? target.items : [target];
  return sources.flatMap((source) => {
    const value = readNode(reading, source, path, depth + 1);
    if (isMapping(value)) return [value];
    reading.problems.push({ ...place, message: 'expected a mapping, or a list of mappings, after "<<"' });
    return [];
  });
}

function readList(reading: Reading, node: YAMLSeq, path: string[], depth: number): unknown[] {
  const list: unknown[] = [];
  for (const item of node.items) {
    if (tagOf(item) === '!reset') continue;
    reading.places.set(list, list.length, placeOf(reading, item));
    list.push(readNode(reading, item, [...path, '*'], depth + 1));
  }
  return list;
}

function readScalar(reading: Reading, node: Scalar, path: string[]): unknown {
  const text = node.source ?? (typeof node.value === 'string' ? node.value : '');
  const isText = node.tag === 'tag:yaml.org,2002:str' || (node.type !== 'PLAIN' && node.type !== undefined);
  if (isText && !/:(?:int|float|bool|null)$/.test(node.tag ?? '')) return text;
  const value = readPlainScalar(text);
  if (!(value instanceof BareDate)) return value;
  if (path.some((key) => key.startsWith('x-'))) return text;
  report(reading, node, `expected a text, found the date ${text}; put it in quotes: "${text}"`);
  return text;
}

function reportKey(reading: Reading, key: unknown, name: string): void {
  const written = isScalar(key) ? (key.source ?? name) : name;
  const found = isScalar(key) ? `, found ${written}; put it in quotes: "${written}"` : '';
  report(reading, key, `expected a key that is a text${found}`);
}

function targetOf({ document, problems, file, lines }: Reading, alias: Alias): Node | undefined {
  const target = alias.resolve(document);
  if (target) return target;
  const { line, col } = lines.linePos(alias.range?.[0] ?? 0);
  problems.push({ file, line, column: col, message: `expected an anchor "&${alias.source}", found none` });
  return undefined;
}

function report(reading: Reading, node: unknown, message: string): void {
  reading.problems.push({ ...placeOf(reading, node), message });
}

function placeOf({ file, lines }: Reading, node: unknown): Place {
  const range = isScalar(node) || isAlias(node) || isMap(node) || isSequence(node) ? node.range : null;
  const { line, col } = lines.linePos(range?.[0] ?? 0);
  return { file, line, column: col };
}

function tagOf(node: unknown): string | undefined {
  return isScalar(node) || isMap(node) || isSequence(node) ? node.tag : undefined;
}

function isSequence(node: unknown): node is YAMLSeq {
  return typeof node === 'object' && node !== null && 'items' in node && !isMap(node);
}

/** Assigns also a key that is called `__proto__`. */
function define(target: Mapping, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/ at line \d+, column \d+:?$/, '');
}
