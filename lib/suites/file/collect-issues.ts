import { z } from 'zod';
import { isContainer, optionFor, type Schema, schemaAt, unwrap, valueAt } from './inspect-schema';
import { describe, type Issue, type IssuePath, makeIssue, makeKeyIssue, quote } from './issue';
import { suggest } from './nearest';
import { explainUnknownKey } from './unknown-key';
import { sourceOf } from './yaml/scalar-source';
import { writtenKey } from './yaml/settle-values';

type ZodIssue = z.core.$ZodIssue;

/** The number of suggestions per file: each takes a while, and nobody reads thousands. */
const maxSuggestions = 1_000;

interface Reading {
  schema: Schema;
  data: unknown;
  /** The path of `data` in the file. */
  at: IssuePath;
  budget: { suggestions: number };
}

/**
 * Turns the issues of zod into issues with whole messages. A schema's own `error` says what was expected; what was found,
 * and hints, are added here. Where zod stops at a wrong key, a wrong kind or a union, the value is looked at again by
 * the schema that is made for it, so that all mistakes are reported at once.
 */
export function collectIssues(schema: Schema, data: unknown, issues: readonly ZodIssue[]): Issue[] {
  return unique(expand({ schema, data, at: [], budget: { suggestions: maxSuggestions } }, issues));
}

/** Words the expectation of schemas that have no wording of their own. */
export const defaultWording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_value') {
    return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
  }
  return issue.code === 'invalid_type' ? (expectedTypes[issue.expected] ?? '') : '';
};

const expectedTypes: Partial<Record<string, string>> = {
  object: 'expected a mapping',
  record: 'expected a mapping',
  array: 'expected a list',
  boolean: 'expected true or false',
  string: 'expected text',
  number: 'expected a number',
  int: 'expected a whole number',
};

function expand(reading: Reading, issues: readonly ZodIssue[]): Issue[] {
  const tooLong = new Set(issues.filter(isTooLong).map(({ path }) => path.join('\0')));
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_format' && tooLong.has(issue.path.join('\0'))) return [];
    switch (issue.code) {
      case 'unrecognized_keys':
        return unknownKeys(reading, issue);
      case 'invalid_key':
        return wrongKey(reading, issue);
      case 'invalid_union':
        return wrongInUnion(reading, issue);
      default:
        return [wrongValue(reading, issue)];
    }
  });
}

function unknownKeys(
  { schema, data, at, budget }: Reading,
  { path, keys }: z.core.$ZodIssueUnrecognizedKeys,
): Issue[] {
  const mapping = schemaAt(schema, data, path);
  const value = valueAt(data, path);
  return keys.map((key) => {
    const isSuggested = budget.suggestions-- > 0;
    const message = mapping
      ? explainUnknownKey(mapping, value, writtenKey(key), isSuggested)
      : `unknown key ${quote(key)}`;
    return makeKeyIssue([...at, ...pathOf(path)], writtenKey(key), message);
  });
}

/** Reports a key that is not allowed as a name, and everything that is wrong below it. */
function wrongKey(reading: Reading, { path, issues }: z.core.$ZodIssueInvalidKey): Issue[] {
  const whole = pathOf(path);
  const key = String(whole.at(-1));
  const expected = issues[0]?.message ?? 'expected another key';
  const issue = makeKeyIssue([...reading.at, ...whole.slice(0, -1)], key, `${expected}, found ${quote(key)}`);
  return [issue, ...lookAgain(reading, schemaAt(reading.schema, reading.data, path), path)];
}

function wrongInUnion(reading: Reading, issue: z.core.$ZodIssueInvalidUnion): Issue[] {
  const isKind = issue.discriminator !== undefined;
  const path = isKind ? issue.path.slice(0, -1) : issue.path;
  const found = schemaAt(reading.schema, reading.data, path);
  const union = found && unwrap(found);
  if (!(union instanceof z.core.$ZodUnion)) return [wrongValue(reading, issue)];
  const option = optionFor(union, valueAt(reading.data, path));
  if (option) return lookAgain(reading, option, path);
  if (issue.message) return [wrongValue(reading, issue)];
  return lookAgain(reading, union._zod.def.options.at(-1) ?? null, path);
}

function lookAgain(reading: Reading, schema: Schema | null, path: readonly PropertyKey[]): Issue[] {
  const data = valueAt(reading.data, path);
  if (!schema) return [];
  const result = z.safeParse(schema, data, { error: defaultWording });
  if (result.success) return [];
  return expand({ ...reading, schema, data, at: [...reading.at, ...pathOf(path)] }, result.error.issues);
}

function wrongValue({ schema, data, at }: Reading, issue: ZodIssue): Issue {
  const path = pathOf(issue.path);
  const key = path.at(-1);
  const container = valueAt(data, path.slice(0, -1));
  if (typeof key === 'string' && isContainer(container) && !Object.hasOwn(container, key)) {
    return makeIssue([...at, ...path.slice(0, -1)], `expected the key ${quote(key)}, found none`, 'key');
  }
  const params = issue.code === 'custom' ? issue.params : undefined;
  const found = typeof params?.found === 'string' ? params.found : foundIn(schema, data, issue);
  const message = `${issue.message}, found ${found}`;
  return params?.on === 'key' && key !== undefined
    ? makeKeyIssue([...at, ...path.slice(0, -1)], String(key), message)
    : makeIssue([...at, ...path], message);
}

function foundIn(schema: Schema, data: unknown, issue: ZodIssue): string {
  const value = valueAt(data, issue.path);
  const found = writtenAt(data, issue.path) ?? describe(value);
  if (isTooLong(issue))
    return `${found} of ${String(value).length} characters; the limit is ${issue.maximum}`;
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    return `${found}${suggest(value, issue.values.map(String))}`;
  }
  return `${found}${quotesHint(schema, data, issue.path)}`;
}

/** Suggests quotes for a number or boolean that would be right as text, and the other way round. */
function quotesHint(schema: Schema, data: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(data, path);
  const expected = schemaAt(schema, data, path);
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  if (!expected || (!isPlain && typeof value !== 'string')) return '';
  if (isPlain) {
    const written = writtenAt(data, path) ?? String(value);
    return z.safeParse(expected, written).success ? `; put it in quotes: "${written}"` : '';
  }
  const plain =
    value === 'true' ? true : value === 'false' ? false : value.trim() === '' ? null : Number(value);
  return plain !== null && z.safeParse(expected, plain).success ? '; leave the quotes out' : '';
}

/** Returns the text of a number or boolean that is written in an unusual way; null for any other value. */
function writtenAt(data: unknown, path: readonly PropertyKey[]): string | null {
  const key = path.at(-1);
  const container = valueAt(data, path.slice(0, -1));
  return isContainer(container) && key !== undefined && typeof key !== 'symbol'
    ? sourceOf(container, key)
    : null;
}

function isTooLong(issue: ZodIssue): issue is z.core.$ZodIssueTooBig {
  return issue.code === 'too_big' && issue.origin === 'string';
}

function pathOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((part) => (typeof part === 'number' ? part : writtenKey(String(part))));
}

/** Drops repetitions: two rules on one value may expect the same. */
function unique(issues: Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ path, message }) => {
    const key = `${path.join('\0')}\0${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
