import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  YAMLMap,
} from 'yaml';
import { messageOf } from '../model/errors';

export interface TextPlace {
  line: number;
  column: number;
}

/** Answers where things stand in a YAML text. */
export interface YamlPlaces {
  /** The key or value at the path, or the nearest thing above it that is there. */
  find(path: readonly (string | number)[], on: 'key' | 'value'): TextPlace;
  duplicates(): (TextPlace & { message: string })[];
  syntaxErrors(): (TextPlace & { message: string })[];
}

const maxErrors = 50;

export function createYamlPlaces(text: string): YamlPlaces {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const placeOf = (offset: number | undefined): TextPlace => {
    // A text's last line may be asked for before the counter has met its end.
    const { line, col } = lines.linePos(offset ?? 0);
    return line === 0 ? { line: 1, column: (offset ?? 0) + 1 } : { line, column: col };
  };

  return {
    find(path, on) {
      if (!('contents' in document)) return { line: 1, column: 1 };
      let node: unknown = document.contents;
      let offset = offsetOf(node);
      for (const [index, key] of path.entries()) {
        const target = isAlias(node) ? node.resolve(document) : node;
        // What stands in an aliased value is told at the alias when it is not in this file's own place.
        const next = childOf(target, key);
        if (!next) break;
        const isLast = index === path.length - 1;
        offset = isLast && on === 'key' ? next.keyOffset : (offsetOf(next.node) ?? next.keyOffset);
        node = next.node;
      }
      return placeOf(offset);
    },
    duplicates() {
      if (!('contents' in document)) return [];
      const found: (TextPlace & { message: string })[] = [];
      collectDuplicates(document.contents, (pair, first) => {
        if (found.length >= maxErrors) return;
        const { line } = placeOf(offsetOf(first.key));
        const name = JSON.stringify(keyText(pair.key));
        found.push({
          ...placeOf(offsetOf(pair.key)),
          message: `expected each key once, found ${name} again; it is already on line ${line}`,
        });
      });
      return found;
    },
    syntaxErrors() {
      if (!('contents' in document))
        return [{ line: 1, column: 1, message: `not valid YAML: ${document.failed}` }];
      return document.errors.slice(0, maxErrors).map((error) => ({
        ...placeOf(error.pos[0]),
        message: `not valid YAML: ${error.message}`,
      }));
    },
  };
}

function parse(text: string, lineCounter: LineCounter) {
  try {
    // Its own check of unique keys is quadratic.
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function childOf(
  node: unknown,
  key: string | number,
): { node: unknown; keyOffset: number | undefined } | null {
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key];
    return item === undefined ? null : { node: item, keyOffset: offsetOf(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((each) => keyText(each.key) === String(key));
  return pair ? { node: pair.value, keyOffset: offsetOf(pair.key) } : null;
}

function keyText(key: unknown): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function offsetOf(node: unknown): number | undefined {
  if (!isNode(node) || !node.range) return undefined;
  // An empty value has a range of no length somewhere behind its key.
  if (isScalar(node) && node.range[0] === node.range[1] && node.source === '') return undefined;
  return node.range[0];
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);
}

function collectDuplicates(node: unknown, tell: (pair: Pair, first: Pair) => void): void {
  if (isSeq(node)) for (const item of node.items) collectDuplicates(item, tell);
  if (!(node instanceof YAMLMap)) return;
  const seen = new Map<string, Pair>();
  for (const pair of node.items) {
    const first = isScalar(pair.key) ? seen.get(keyText(pair.key)) : undefined;
    if (first) tell(pair, first);
    else seen.set(keyText(pair.key), pair);
    collectDuplicates(pair.value, tell);
  }
}
