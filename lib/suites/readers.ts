import { distance } from 'fastest-levenshtein';
import { describe, type Place, quote } from './place';
import { PlainScalar } from './yaml-schema';

/** Reads a value or complains at its place and answers null. */
export type Reader<T> = (value: unknown, place: Place) => T | null;

type Shape = Record<string, Reader<unknown>>;
export type Fields<S extends Shape> = { [K in keyof S]: S[K] extends Reader<infer T> ? T | null : never };

/**
 * A mapping with these keys only; what is absent is null. `refused` holds a sentence for keys that people may
 * well try and that are not there on purpose.
 */
export function fields<S extends Shape>(
  shape: S,
  options: { required?: (keyof S & string)[]; refused?: Record<string, string> } = {},
): Reader<Fields<S>> {
  const known = Object.keys(shape);
  const blank = Object.fromEntries(known.map((key) => [key, null]));
  const readers = new Map(Object.entries(shape));
  const refused = new Map(Object.entries(options.refused ?? {}));
  return (value, place) => {
    const entries = entriesOf(value, place);
    if (!entries) return null;
    const read: Record<string, unknown> = { ...blank };
    let unknown = 0;
    for (const [key, child] of entries) {
      const reader = readers.get(key);
      if (reader) read[key] = reader(child, place.at(key));
      else {
        // Nobody reads the suggestions for thousands, and each takes a while.
        const hint = unknown++ < 50 ? `; ${suggestion(key, known)}` : '';
        place.complainOfKey(key, refused.get(key) ?? `unknown key ${quote(key)}${hint}`);
      }
    }
    for (const key of options.required ?? []) {
      if (!entries.some(([given]) => given === key))
        place.complainOfOwnKey(`expected the key "${key}", found none`);
    }
    return read as Fields<S>;
  };
}

/** A mapping with keys of the suite's own. */
export function mapping<T>(
  readKey: (key: string) => string | null,
  readValue: Reader<T>,
): Reader<Map<string, T>> {
  return (value, place) => {
    const entries = entriesOf(value, place);
    if (!entries) return null;
    const read = new Map<string, T>();
    for (const [key, child] of entries) {
      const wrongKey = readKey(key);
      const complaint = key === '<<' ? mergeKey : wrongKey && `${wrongKey}, found ${quote(key)}`;
      if (complaint) place.complainOfKey(key, complaint);
      const item = readValue(child, place.at(key));
      if (item !== null && !complaint) read.set(key, item);
    }
    return read;
  };
}

/** A list of items; with `orOne` a single item too. Items are compared as JSON: none may be there twice. */
export function list<T>(
  item: Reader<T>,
  options: { orOne?: boolean; min?: number; max?: number } = {},
): Reader<T[]> {
  const max = options.max ?? 10_000;
  return (value, place) => {
    if (!Array.isArray(value)) {
      if (options.orOne && value !== null) {
        const one = item(value, place);
        return one === null ? null : [one];
      }
      place.complain(`expected a list, found ${describe(value)}`);
      return null;
    }
    if (value.length < (options.min ?? 0) || value.length > max) {
      place.complain(`expected ${options.min ?? 0} to ${max} items, found ${value.length}`);
    }
    return value.flatMap((each, index) => item(each, place.at(index)) ?? []);
  };
}

/** As `list`, and nothing may be there twice. */
export function set<T extends string | number>(item: Reader<T>): Reader<T[]> {
  const seenOnce: Reader<T[]> = (value, place) => {
    const seen = new Set<T>();
    const once: Reader<T> = (each, itsPlace) => {
      const read = item(each, itsPlace);
      if (read === null) return null;
      if (seen.has(read)) itsPlace.complain(`expected each item once, found ${describe(each)} again`);
      seen.add(read);
      return read;
    };
    return list(once, { orOne: true })(value, place);
  };
  return seenOnce;
}

/** Text that passes `form`, else "expected `expected`, found …". */
export function text(
  expected: string,
  form: (text: string) => boolean = () => true,
  max = 1_000,
): Reader<string> {
  return (value, place) => {
    if (
      typeof value === 'string' &&
      value !== '' &&
      value.length <= max &&
      !value.includes('\0') &&
      form(value)
    ) {
      return value;
    }
    const hint =
      value instanceof PlainScalar && form(value.source)
        ? `; put it in quotes: "${value.source}"`
        : typeof value === 'string' && value.length > max
          ? ` of ${value.length} characters; the limit is ${max}`
          : '';
    place.complain(`expected ${expected}, found ${describe(value)}${hint}`);
    return null;
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Reader<T> {
  return (value, place) => {
    const found = values.find((each) => each === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? nearest(value, values) : null;
    const hint = near ? `; did you mean "${near}"?` : '';
    place.complain(`expected one of ${values.join(', ')}, found ${describe(value)}${hint}`);
    return null;
  };
}

export const flag: Reader<boolean> = (value, place) => {
  if (value instanceof PlainScalar && typeof value.value === 'boolean') return value.value;
  place.complain(`expected true or false, found ${describe(value)}`);
  return null;
};

export function whole(what: string, min: number, max: number): Reader<number> {
  return (value, place) => {
    const number = value instanceof PlainScalar ? value.value : null;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return number;
    place.complain(`expected ${what} from ${min} to ${max}, found ${describe(value)}`);
    return null;
  };
}

/** The known name that is near enough to be meant: few letters changed, and not all of them. */
export function nearest(name: string, known: readonly string[]): string | null {
  // Far too long to be a slip, and the distance takes the product of the lengths.
  if (name.length > 100) return null;
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 2.5)) + 1;
  const letters = new Set(name.toLowerCase());
  for (const each of known) {
    if (Math.abs(each.length - name.length) >= least) continue;
    if (![...each.toLowerCase()].some((letter) => letters.has(letter))) continue;
    const steps = distance(name.toLowerCase(), each.toLowerCase());
    if (steps < least) {
      least = steps;
      best = each;
    }
  }
  return best;
}

const mergeKey = 'merge keys ("<<") are not supported; use "defaults", or write the keys out';

function suggestion(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`;
}

function entriesOf(value: unknown, place: Place): [string, unknown][] | null {
  if (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof PlainScalar)
  ) {
    return Object.entries(value);
  }
  place.complain(`expected a mapping, found ${describe(value)}`);
  return null;
}
