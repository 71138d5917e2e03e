/** A position in a file of the package. Lines and columns count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export type Mapping = Record<string, unknown>;

type Key = string | number;

/** Remembers where the entries of mappings and the items of lists are written, also after they were merged. */
export class Places {
  readonly #places = new WeakMap<object, Map<Key, Place>>();

  set(container: object, key: Key, place: Place | undefined): void {
    if (!place) return;
    const known = this.#places.get(container);
    if (known) known.set(key, place);
    else this.#places.set(container, new Map([[key, place]]));
  }

  get(container: object, key: Key): Place | undefined {
    return this.#places.get(container)?.get(key);
  }

  /** Gives every entry of a container the places that the entries of another one have. */
  copy(from: object, to: object): void {
    for (const [key, place] of this.#places.get(from) ?? []) this.set(to, key, place);
  }

  /** Finds the place of the value at a path, or of the nearest one above it that has a place. */
  find(root: unknown, path: readonly Key[], otherwise: Place): Place {
    let place = otherwise;
    let value = root;
    for (const key of path) {
      if (typeof value !== 'object' || value === null) break;
      place = this.get(value, key) ?? place;
      value = entryOf(value, key);
    }
    return place;
  }
}

function entryOf(container: object, key: Key): unknown {
  if (Array.isArray(container)) return container[Number(key)];
  return Object.hasOwn(container, key)
    ? Object.entries(container).find(([name]) => name === key)?.[1]
    : undefined;
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the mapping at a key; an empty one when something else is there. */
export function mappingAt(container: Mapping, key: string): Mapping {
  const value = Object.hasOwn(container, key) ? container[key] : undefined;
  return isMapping(value) ? value : {};
}

export function listAt(container: Mapping, key: string): unknown[] {
  const value = Object.hasOwn(container, key) ? container[key] : undefined;
  return Array.isArray(value) ? value : [];
}

export function textAt(container: Mapping, key: string): string | null {
  const value = Object.hasOwn(container, key) ? container[key] : undefined;
  return typeof value === 'string' ? value : null;
}
