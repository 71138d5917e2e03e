import { load, YAMLException } from 'js-yaml';
import type { SuiteProblem } from '../model/suite';
import { type Complaint, quote } from './place';
import { createYamlPlaces, type YamlPlaces } from './yaml-places';
import { coreSchema, PlainScalar } from './yaml-schema';

export interface YamlFile {
  /** Mappings, lists, texts, `PlainScalar` and null; undefined when the file cannot be read at all. */
  value: unknown;
  problems: SuiteProblem[];
  locate(complaint: Complaint): SuiteProblem;
}

const maxDepth = 100;
const maxValues = 500_000;

/**
 * Reads YAML 1.2. js-yaml reads 5,000 steps in 50 ms and 15 MB, but knows no places; yaml knows the place of
 * everything and takes 500 ms and 200 MB. So the first reads, and the second is asked only where a problem is.
 */
export function readYaml(file: string, text: string): YamlFile {
  let places: YamlPlaces | undefined;
  const askPlaces = () => {
    places ??= createYamlPlaces(text);
    return places;
  };
  const locate = ({ path, on, message }: Complaint): SuiteProblem => ({
    file,
    ...askPlaces().find(path, on),
    message,
  });
  try {
    const value: unknown = load(text, { schema: coreSchema }) ?? null;
    const tooLarge = findTooLarge(value);
    return tooLarge
      ? { value: undefined, problems: [locate(tooLarge)], locate }
      : { value, problems: [], locate };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason.startsWith('duplicated mapping key')) {
      const duplicates = askPlaces().duplicates();
      if (duplicates.length > 0) {
        const value: unknown = load(text, { schema: coreSchema, json: true });
        const tooLarge = findTooLarge(value) !== null;
        return {
          value: tooLarge ? undefined : value,
          problems: duplicates.map((duplicate) => ({ file, ...duplicate })),
          locate,
        };
      }
    }
    // In a very large file the first mistake is told alone.
    const problems = syntaxProblems(text, error, askPlaces);
    return { value: undefined, problems: problems.map((problem) => ({ file, ...problem })), locate };
  }
}

function syntaxProblems(
  text: string,
  error: YAMLException,
  askPlaces: () => YamlPlaces,
): Omit<SuiteProblem, 'file'>[] {
  const { mark } = error;
  const place = mark ? { line: mark.line + 1, column: mark.column + 1 } : { line: 1, column: 1 };
  if (error.reason.startsWith('nesting exceeded')) {
    return [{ ...place, message: `expected at most ${maxDepth} levels of nesting, found more` }];
  }
  const tag = /^unknown tag !<(.*)>$/.exec(error.reason)?.[1];
  if (tag !== undefined && mark) {
    const written = tag.replace(/^tag:yaml\.org,2002:/, '!!');
    const column = mark.column - (mark.position - Math.max(0, text.lastIndexOf(written, mark.position)));
    const message = `expected plain YAML, found the tag ${written}; tags are not supported`;
    return [{ line: place.line, column: Math.max(1, column + 1), message }];
  }
  if (error.reason.startsWith('duplicated mapping key')) {
    const key = /^["']?([\w./-]*)/.exec(text.slice(mark?.position ?? 0))?.[1] ?? '';
    return [{ ...place, message: `expected each key once, found ${quote(key)} again` }];
  }
  const all = askPlaces().syntaxErrors();
  return all.length > 0 ? all : [{ ...place, message: `not valid YAML: ${error.reason}` }];
}

/** Walks with aliases expanded, as whoever reads the value will. */
function findTooLarge(root: unknown): Complaint | null {
  let left = maxValues;
  const path: (string | number)[] = [];
  const visit = (value: unknown): string | null => {
    if (left-- <= 0) return `expected at most ${maxValues} values with aliases expanded, found more`;
    if (path.length > maxDepth) return `expected at most ${maxDepth} levels of nesting, found more`;
    if (value === null || typeof value !== 'object' || value instanceof PlainScalar) return null;
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, child] of entries) {
      path.push(key);
      const message = visit(child);
      if (message) return message;
      path.pop();
    }
    return null;
  };
  const message = visit(root);
  return message ? { path, on: 'value', message } : null;
}
