import { expect, it } from 'vitest';
import { openApiDocument } from '@/lib/http/openapi/document';
import { launchRequest } from '@/lib/model/launch';
import { maxEntries, maxProfileSteps } from '@/lib/model/limits';
import { profileRequest } from '@/lib/model/managed-profile';
import { platformSettings } from '@/lib/model/platform-settings';

type Schema = Record<string, unknown>;

const document: Schema = JSON.parse(JSON.stringify(openApiDocument()));

/** Every place of a request body, with its schema, that may hold any number of things. */
function unbounded(schema: unknown, place: string, seen: ReadonlySet<string>): string[] {
  if (!isSchema(schema)) return [];
  const { $ref: ref } = schema;
  if (typeof ref === 'string') {
    return seen.has(ref) ? [] : unbounded(resolve(ref), place, new Set([...seen, ref]));
  }
  const found: string[] = [];
  const types = [schema.type].flat();
  const isShort =
    'enum' in schema || 'const' in schema || schema.format === 'date-time' || isShortPattern(schema.pattern);
  if (types.includes('string') && !isShort && schema.maxLength === undefined)
    found.push(`${place}: a text without maxLength`);
  if (types.includes('array') && schema.maxItems === undefined)
    found.push(`${place}: a list without maxItems`);
  const isOpen = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
  if (
    types.includes('object') &&
    (isOpen || !(schema.properties || schema.oneOf)) &&
    schema.maxProperties === undefined &&
    schema.additionalProperties !== false
  )
    found.push(`${place}: an object without maxProperties`);
  for (const [key, each] of Object.entries(schema.properties ?? {}))
    found.push(...unbounded(each, `${place}.${key}`, seen));
  found.push(
    ...unbounded(schema.items, `${place}[]`, seen),
    ...unbounded(schema.additionalProperties, `${place}.*`, seen),
  );
  for (const word of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    const parts = schema[word];
    if (Array.isArray(parts)) for (const part of parts) found.push(...unbounded(part, place, seen));
  }
  return found;
}

/** The pattern ends, and has nothing in it that may be repeated for ever. */
function isShortPattern(pattern: unknown): boolean {
  if (typeof pattern !== 'string' || !pattern.startsWith('^') || !pattern.endsWith('$')) return false;
  return !/[*+]|\{\d+,\}/.test(pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, 'x'));
}

function resolve(ref: string): unknown {
  return ref
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), document);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const bodies = Object.entries(isSchema(document.paths) ? document.paths : {}).flatMap(([at, item]) =>
  Object.entries(isSchema(item) ? item : {}).flatMap(([method, operation]) => {
    const schema = ['requestBody', 'content', 'application/json', 'schema'].reduce<unknown>(
      (place, key) => (isSchema(place) ? place[key] : undefined),
      operation,
    );
    return schema ? [{ name: `${method.toUpperCase()} ${at}`, schema }] : [];
  }),
);

it('every body of the API was looked at', () => {
  expect(bodies.length).toBeGreaterThan(15);
});

it.each(bodies)('everything in the body of $name has a limit that the document states', ({ schema }) => {
  expect(unbounded(schema, '', new Set())).toEqual([]);
});

/** So many entries of a name and a value of these lengths. */
function entries(count: number, valueLength = 1): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `N${String(index).padStart(4, '0')}`,
      'x'.repeat(valueLength),
    ]),
  );
}

const launch = (part: object) => launchRequest.safeParse({ suiteId: 'hello', ...part }).success;
const profile = (part: object) => profileRequest.safeParse(part).success;
const settings = (part: object) => platformSettings.safeParse({ backends: [], env: {}, ...part }).success;
/** 256 names of 5 characters and values of 1,019 are the largest sum. */
const largest = entries(256, 1019);
const tooLarge = { ...largest, N0000: 'x'.repeat(1020) };
const ofSteps = (count: number) =>
  Object.fromEntries(Object.keys(entries(count)).map((name) => [name, { env: {} }]));

it.each([
  ['variables of a launch', launch, { env: entries(maxEntries) }, { env: entries(maxEntries + 1) }],
  ['characters of a launch', launch, { env: largest }, { env: tooLarge }],
  ['characters of one variable', launch, { env: entries(1, 32_768) }, { env: entries(1, 32_769) }],
  ['labels of a launch', launch, { labels: entries(64) }, { labels: entries(65) }],
  ['variables of a profile', profile, { env: entries(maxEntries) }, { env: entries(maxEntries + 1) }],
  ['headers of a profile', profile, { headers: largest }, { headers: tooLarge }],
  [
    'description of a profile',
    profile,
    { description: 'x'.repeat(32_768) },
    { description: 'x'.repeat(32_769) },
  ],
  [
    'steps of a profile',
    profile,
    { steps: ofSteps(maxProfileSteps) },
    { steps: ofSteps(maxProfileSteps + 1) },
  ],
  ['variables of the settings', settings, { env: largest }, { env: tooLarge }],
])('the limit holds, and one more is refused: %s', (_, parses, most, more) => {
  expect([parses(most), parses(more)]).toEqual([true, false]);
});
