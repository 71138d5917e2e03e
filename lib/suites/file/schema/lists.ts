import { z } from 'zod';
import { describe } from '../issue';

const defaultMaxItems = 10_000;

/** Describes a list of items, or a single item instead of it. */
export function oneOrMore<T extends z.ZodType>(item: T, { min = 0, max = defaultMaxItems } = {}) {
  return z.union([listOf(item, min, max), single(item)]);
}

/** Describes the same as `oneOrMore` with every item at most once. */
export function oneOrMoreUnique<T extends z.ZodType<string | number>>(
  item: T,
  { max = defaultMaxItems } = {},
) {
  return z.union([listOfUnique(item, { max }), single(item)]);
}

/** Describes a list with every item at most once. */
export function listOfUnique<T extends z.ZodType<string | number>>(item: T, { max = defaultMaxItems } = {}) {
  return listOf(item, 0, max)
    .check(({ value, issues }) => {
      if (value.length < 2) return;
      const seen = new Set<unknown>();
      for (const [index, each] of value.entries()) {
        if (seen.has(each)) {
          const found = `${describe(each)} again`;
          issues.push({
            code: 'custom',
            input: each,
            path: [index],
            message: 'expected each item once',
            params: { found },
          });
        }
        seen.add(each);
      }
    })
    .meta({ uniqueItems: true });
}

function listOf<T extends z.ZodType>(item: T, min: number, max: number) {
  const schema = z.array(item);
  const message = `expected ${min} to ${max} items`;
  return (min > 0 ? schema.min(min, message) : schema).max(max, message);
}

function single<T extends z.ZodType>(item: T) {
  return item.transform((value): z.output<T>[] => [value]);
}
