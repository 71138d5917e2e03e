import { isMapping } from '../inspect-schema';
import { type Issue, makeIssue, makeKeyIssue, quote } from '../issue';
import { UnusualScalar } from './core-schema';
import { keepSource } from './scalar-source';

export const maxDepth = 100;
const maxValues = 500_000;

/** Replaces the key `__proto__` in the data: zod ignores such a key silently, and no schema accepts this one. */
const reservedKey = '\0__proto__';

/** The outcome of settling the values of a file. If `tooLarge` is set, they must not be read any further. */
export interface SettledValues {
  tooLarge: Issue | null;
  issues: Issue[];
}

/**
 * Makes plain JSON of what js-yaml read, in place: unusual scalars become their value, with their text kept aside. Refuses
 * what no file may have: too many values with aliases expanded, too many levels, merge keys, and the character NUL, which
 * PostgreSQL cannot store.
 */
export function settleValues(root: unknown): SettledValues {
  // Nearly every file is plain JSON, and a look without paths takes a fifth of the time.
  return countPlain(root, 0, 0) <= maxValues ? { tooLarge: null, issues: [] } : settleUnusual(root);
}

/** Returns the key as it is written in the file. */
export function writtenKey(key: string): string {
  return key === reservedKey ? '__proto__' : key;
}

/** Counts values, aliases expanded, on top of `count`; infinite as soon as something is not plain or too deep. */
function countPlain(value: unknown, depth: number, count: number): number {
  if (count > maxValues || depth > maxDepth) return Number.POSITIVE_INFINITY;
  if (typeof value === 'string') return value.includes('\0') ? Number.POSITIVE_INFINITY : count + 1;
  if (typeof value !== 'object' || value === null) return count + 1;
  if (value instanceof UnusualScalar) return Number.POSITIVE_INFINITY;
  let sum = count + 1;
  if (Array.isArray(value)) {
    for (const item of value) sum = countPlain(item, depth + 1, sum);
    return sum;
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__' || refuseKey(key)) return Number.POSITIVE_INFINITY;
    sum = countPlain(child, depth + 1, sum);
  }
  return sum;
}

function settleUnusual(root: unknown): SettledValues {
  let left = maxValues;
  const path: (string | number)[] = [];
  const issues: Issue[] = [];
  const refused: { mapping: Record<string, unknown>; key: string }[] = [];

  const visit = (value: unknown): string | null => {
    if (left-- <= 0) return `expected at most ${maxValues} values with aliases expanded, found more`;
    if (path.length > maxDepth) return `expected at most ${maxDepth} levels of nesting, found more`;
    if (typeof value === 'string' && value.includes('\0')) {
      issues.push(makeIssue([...path], `expected text without the character NUL, found ${quote(value)}`));
    }
    if (Array.isArray(value)) return visitAll(value, value.keys());
    return isMapping(value) ? visitAll(value, Object.keys(value)) : null;
  };

  const visitAll = <K extends string | number>(container: Record<K, unknown>, keys: Iterable<K>) => {
    for (const key of keys) {
      const value = container[key];
      if (value instanceof UnusualScalar) {
        container[key] = value.value;
        keepSource(container, key, value.source);
      }
      path.push(key);
      const message = visit(container[key]);
      if (message) return message;
      path.pop();
      if (typeof key === 'string') visitKey(container, key);
    }
    return null;
  };

  const visitKey = (mapping: Record<string, unknown>, key: string) => {
    const refusal = key === reservedKey ? null : refuseKey(key);
    if (refusal) issues.push(makeKeyIssue([...path], key, refusal));
    if (refusal || key === '__proto__') refused.push({ mapping, key });
  };

  const message = visit(root);
  if (message) return { tooLarge: { path, on: 'value', message }, issues: [] };
  for (const { mapping, key } of refused) {
    if (key === '__proto__' && Object.hasOwn(mapping, key)) mapping[reservedKey] = mapping[key];
    Reflect.deleteProperty(mapping, key);
  }
  return { tooLarge: null, issues };
}

function refuseKey(key: string): string | null {
  if (key === '<<') return 'merge keys ("<<") are not supported; use "defaults", or write the keys out';
  return key.includes('\0') ? `expected a key without the character NUL, found ${quote(key)}` : null;
}
