import { z } from 'zod';
import { type Schema, unwrap } from '@/lib/suites/file/inspect-schema';

const { core } = z;

/**
 * Lists every key below a schema as a path: `steps.*.ready.tcp`. A `*` stands for a name that the author of the suite
 * chooses; lists and the options of a union have no part of their own in it.
 */
export function keysBelow(schema: Schema): string[] {
  const found = new Set<string>();
  collect(schema, '', found);
  return [...found];
}

/** Lists the places of a suite's data in the same way, with the names that its author chose: `steps.db.ready.tcp`. */
export function placesIn(data: unknown, above = ''): string[] {
  if (Array.isArray(data)) return data.flatMap((item) => placesIn(item, above));
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => [
    `${above}${key}`,
    ...placesIn(value, `${above}${key}.`),
  ]);
}

/** Tells whether a key is at one of the places. */
export function isAt(key: string, places: readonly string[]): boolean {
  const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+?')}$`);
  return places.some((place) => pattern.test(place));
}

function collect(schema: Schema, above: string, found: Set<string>): void {
  const inner = unwrap(schema);
  if (inner instanceof core.$ZodUnion) {
    for (const option of inner._zod.def.options) collect(option, above, found);
  } else if (inner instanceof core.$ZodArray) collect(inner._zod.def.element, above, found);
  else if (inner instanceof core.$ZodRecord) collect(inner._zod.def.valueType, `${above}*.`, found);
  else if (inner instanceof core.$ZodObject) {
    for (const [key, value] of Object.entries(inner._zod.def.shape)) {
      found.add(`${above}${key}`);
      collect(value, `${above}${key}.`, found);
    }
  }
}
