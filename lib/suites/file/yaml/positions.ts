import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, YAMLMap } from 'yaml';
import { messageOf } from '../../../model/errors';
import { belowKey, type Section, sectionsOf } from './sections';

export interface TextPosition {
  line: number;
  column: number;
}

/** Finds the lines and columns of keys and values in a YAML text. */
export interface Positions {
  /** Finds the key or value at the path, or the nearest one above it that exists. */
  find(path: readonly (string | number)[], on: 'key' | 'value'): TextPosition;
  /** Finds the first occurrence of a text within the value at a path, or the value itself if it does not contain it. */
  findText(path: readonly string[], text: string): TextPosition;
  /** Lists keys that occur twice; empty if the text is too large for a syntax tree. */
  duplicates(): (TextPosition & { message: string })[];
  /** Lists syntax errors; empty if the text is too large for a syntax tree. */
  syntaxErrors(): (TextPosition & { message: string })[];
}

const maxErrors = 50;
/** A tree takes about 1 KB and 10 µs a node, and there is at most about one node more than there are of these. */
const separators = /[:,\n]/g;
const maxSeparators = 100_000;

/**
 * Creates the positions of a text. A syntax tree is made only of the part that matters: a step's own lines where the suite
 * is laid out as usual. For anything in a part that is too large for a tree, the position of the part's key is given.
 */
export function createPositions(text: string): Positions {
  const whole: Section = { start: 0, end: text.length };
  const documents = new Map<Section, ReturnType<typeof parse> | null>();
  const sections = new Map<Section, Map<string, Section>>();
  const positionOf = createLines(text);

  const documentOf = (section: Section) => {
    const known = documents.get(section);
    if (known !== undefined) return known;
    const part = text.slice(section.start, section.end);
    const document = (part.match(separators)?.length ?? 0) > maxSeparators ? null : parse(part);
    documents.set(section, document);
    return document;
  };

  const sectionIn = (parent: Section, key: string | number | undefined): Section | null => {
    if (typeof key !== 'string') return null;
    const known = sections.get(parent) ?? sectionsIn(text, parent, whole);
    sections.set(parent, known);
    return known.get(key) ?? null;
  };

  const offsetAt = (path: readonly (string | number)[], on: 'key' | 'value'): number => {
    const first = sectionIn(whole, path[0]);
    const second = first && sectionIn(first, path[1]);
    const section = second ?? first ?? whole;
    const document = documentOf(section);
    if (!document) return offsetOfText(text, section);
    return section.start + (findIn(document, second ? path.slice(1) : path, on) ?? 0);
  };

  return {
    find: (path, on) => positionOf(offsetAt(path, on)),
    findText(path, token) {
      let section: Section | null = whole;
      for (const key of path) section = section && sectionIn(section, key);
      const start = section?.start ?? offsetAt(path, 'value');
      const found = text.indexOf(token, start);
      return positionOf(found < 0 || (section && found >= section.end) ? start : found);
    },
    duplicates() {
      const document = documentOf(whole);
      if (!document || !('contents' in document)) return [];
      const found: (TextPosition & { message: string })[] = [];
      collectDuplicates(document.contents, (pair, first) => {
        if (found.length >= maxErrors) return;
        const { line } = positionOf(offsetOf(first.key) ?? 0);
        const name = JSON.stringify(keyText(pair.key));
        found.push({
          ...positionOf(offsetOf(pair.key) ?? 0),
          message: `expected each key once, found ${name} again; it is already on line ${line}`,
        });
      });
      return found;
    },
    syntaxErrors() {
      const document = documentOf(whole);
      if (!document) return [];
      if (!('contents' in document))
        return [{ line: 1, column: 1, message: `not valid YAML: ${document.failed}` }];
      return document.errors.slice(0, maxErrors).map((error) => ({
        ...positionOf(error.pos[0]),
        message: `not valid YAML: ${error.message}`,
      }));
    },
  };
}

function sectionsIn(text: string, parent: Section, whole: Section): Map<string, Section> {
  const inside = parent === whole ? whole : belowKey(text, parent);
  return inside ? sectionsOf(text, inside) : new Map();
}

/** Returns the offset of the section's key. */
function offsetOfText(text: string, { start, end }: Section): number {
  return start + Math.max(0, text.slice(start, end).search(/[^ ]/));
}

function parse(text: string) {
  try {
    // Its own check of unique keys is quadratic.
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function findIn(
  document: ReturnType<typeof parse>,
  path: readonly (string | number)[],
  on: 'key' | 'value',
): number | undefined {
  if (!('contents' in document)) return undefined;
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const [index, key] of path.entries()) {
    const target = isAlias(node) ? node.resolve(document) : node;
    // A value behind an alias that is not in this part gets the position of the alias.
    const next = childOf(target, key);
    if (!next) break;
    const isLast = index === path.length - 1;
    offset = isLast && on === 'key' ? next.keyOffset : (offsetOf(next.node) ?? next.keyOffset);
    node = next.node;
  }
  return offset;
}

/** Creates a function that turns offsets into lines and columns. */
function createLines(text: string): (offset: number) => TextPosition {
  let starts: number[] | null = null;
  return (offset) => {
    starts ??= [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
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

function collectDuplicates(node: unknown, report: (pair: Pair, first: Pair) => void): void {
  if (isSeq(node)) for (const item of node.items) collectDuplicates(item, report);
  if (!(node instanceof YAMLMap)) return;
  const seen = new Map<string, Pair>();
  for (const pair of node.items) {
    const first = isScalar(pair.key) ? seen.get(keyText(pair.key)) : undefined;
    if (first) report(pair, first);
    else seen.set(keyText(pair.key), pair);
    collectDuplicates(pair.value, report);
  }
}
