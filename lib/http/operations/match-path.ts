import { realPath } from '../path-aliases';
import type { Operation } from './operation';
import { apiTags } from './tags';

/** A path of the API with what it has. */
export interface PathMatch {
  /** Every method that the path has, HEAD and OPTIONS included, in alphabetical order. */
  methods: readonly string[];
  /** The `operationId` by method. */
  operations: ReadonlyMap<string, string>;
  /** The values of the path's parameters, as they stand in the path. */
  params: Record<string, string>;
}

interface KnownPath {
  segments: readonly string[];
  takesSlashes: boolean;
  methods: readonly string[];
  operations: ReadonlyMap<string, string>;
}

type Place = Pick<Operation, 'method' | 'path' | 'takesSlashes'>;

let known: { fixed: Map<string, KnownPath>; others: KnownPath[] } | undefined;

/**
 * Finds the operations at a path, which may be an alias of the path that the API document gives. A name counts before
 * a parameter in the same place. Null: the API does not have the path.
 */
export function matchPath(path: string): PathMatch | null {
  known ??= knownPaths();
  const real = realPath(path);
  const fixed = known.fixed.get(real);
  if (fixed) return { methods: fixed.methods, operations: fixed.operations, params: {} };
  const values = real.split('/');
  const found = known.others.find((each) => fits(each, values));
  if (!found) return null;
  return { methods: found.methods, operations: found.operations, params: paramsOf(found, values) };
}

/** Tells whether the API has an operation of this id. */
export function isOperationId(id: string): boolean {
  return apiTags.some(({ operations }) => Object.hasOwn(operations, id));
}

function knownPaths(): { fixed: Map<string, KnownPath>; others: KnownPath[] } {
  const byPath = new Map<string, [id: string, place: Place][]>();
  for (const [id, place] of apiTags.flatMap(({ operations }) => Object.entries<Place>(operations)))
    byPath.set(place.path, [...(byPath.get(place.path) ?? []), [id, place]]);
  const fixed = new Map<string, KnownPath>();
  const others: KnownPath[] = [];
  // A brace sorts after every letter once it is a tilde.
  const inOrder = [...byPath].sort(([a], [b]) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1));
  for (const [path, places] of inOrder) {
    const methods = places.map(([, { method }]) => method);
    const each: KnownPath = {
      segments: path.split('/'),
      takesSlashes: places.some(([, { takesSlashes }]) => takesSlashes),
      methods: [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort(),
      operations: new Map(places.map(([id, { method }]) => [method, id])),
    };
    if (path.includes('{')) others.push(each);
    else fixed.set(path, each);
  }
  return { fixed, others };
}

function fits({ segments, takesSlashes }: KnownPath, given: readonly string[]): boolean {
  if (given.length !== segments.length && !(takesSlashes && given.length > segments.length)) return false;
  return segments.every((segment, index) =>
    segment.startsWith('{') ? given[index] !== '' : segment === given[index],
  );
}

function paramsOf({ segments }: KnownPath, given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith('{')) continue;
    // A path that is longer takes slashes in its last parameter.
    const end = index === segments.length - 1 ? given.length : index + 1;
    params[segment.slice(1, -1)] = given.slice(index, end).join('/');
  }
  return params;
}
