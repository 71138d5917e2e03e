import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, YAMLMap } from 'yaml';
import { messageOf } from '../model/errors';
import { belowKey, type Section, sectionsOf } from './yaml-sections';

export interface TextPlace {
  line: number;
  column: number;
}

/** Answers where things stand in a YAML text. */
export interface YamlPlaces {
  /** The key or value at the path, or the nearest thing above it that is there. */
  find(path: readonly (string | number)[], on: 'key' | 'value'): TextPlace;
  /** None when the text is too large for a syntax tree. */
  duplicates(): (TextPlace & { message: string })[];
  /** None when the text is too large for a syntax tree. */
  syntaxErrors(): (TextPlace & { message: string })[];
}

const maxErrors = 50;
/** A tree takes about 1 KB and 10 µs a node, and there is at most about one node more than there are of these. */
const separators = /[:,\n]/g;
const maxSeparators = 100_000;

/**
 * A syntax tree is made of the part that matters only: a step's own lines where the suite is laid out as usual. Of
 * a part that is too large for a tree, the place of its key is told.
 */
export function createYamlPlaces(text: string): YamlPlaces {
  const whole: Section = { start: 0, end: text.length };
  const documents = new Map<Section, ReturnType<typeof parse> | null>();
  const sections = new Map<Section, Map<string, Section>>();
  const placeOf = createLines(text);

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

  return {
    find(path, on) {
      const first = sectionIn(whole, path[0]);
      const second = first && sectionIn(first, path[1]);
      const section = second ?? first ?? whole;
      const below = second ? path.slice(1) : path;
      const document = documentOf(section);
      const offset = document ? findIn(document, below, on) : offsetOfText(text, section);
      return placeOf(document ? section.start + (offset ?? 0) : (offset ?? 0));
    },
    duplicates() {
      const document = documentOf(whole);
      if (!document || !('contents' in document)) return [];
      const found: (TextPlace & { message: string })[] = [];
      collectDuplicates(document.contents, (pair, first) => {
        if (found.length >= maxErrors) return;
        const { line } = placeOf(offsetOf(first.key) ?? 0);
        const name = JSON.stringify(keyText(pair.key));
        found.push({
          ...placeOf(offsetOf(pair.key) ?? 0),
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
        ...placeOf(error.pos[0]),
        message: `not valid YAML: ${error.message}`,
      }));
    },
  };
}

function sectionsIn(text: string, parent: Section, whole: Section): Map<string, Section> {
  const inside = parent === whole ? whole : belowKey(text, parent);
  return inside ? sectionsOf(text, inside) : new Map();
}

/** Where the section's key begins. */
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
    // What stands in an aliased value is told at the alias when it is not in this part's own place.
    const next = childOf(target, key);
    if (!next) break;
    const isLast = index === path.length - 1;
    offset = isLast && on === 'key' ? next.keyOffset : (offsetOf(next.node) ?? next.keyOffset);
    node = next.node;
  }
  return offset;
}

/** Offsets to lines and columns. */
function createLines(text: string): (offset: number) => TextPlace {
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
