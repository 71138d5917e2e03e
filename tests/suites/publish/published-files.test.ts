import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { makePlan } from '@/lib/planning/make-plan';
import { makePublishedFiles } from '@/lib/reference/publish';
import { unwrap, variantsOf } from '@/lib/suites/file/inspect-schema';
import { parseBy } from '@/lib/suites/file/parse';
import { step } from '@/lib/suites/file/schema/step';
import { makeJsonSchemas } from '@/lib/suites/publish/json-schemas';
import { defaultOf, metaOf } from '@/lib/suites/publish/key-meta';
import { fillKeyTables } from '@/lib/suites/publish/key-tables';
import { readValid } from '../suite-folder';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const union = unwrap(step);
const kinds = union instanceof z.core.$ZodDiscriminatedUnion ? variantsOf(union) : [];
const keys = kinds.flatMap(({ names, schema }) =>
  Object.entries(schema._zod.def.shape).map(([key, value]) => ({ kind: names[0] ?? '', key, value })),
);
const minimal = (kind: string) => (kind === 'suite' ? { kind, ref: 'payments' } : { kind, run: 'a' });

describe('what is made from the schemas of the files', () => {
  it.each(Object.entries(makePublishedFiles(root)))(
    'is current in %s; else run "npm run schemas"',
    (file, text) => {
      expect(readFileSync(path.join(root, file), 'utf8')).toBe(text);
    },
  );

  it('has a description for every key', () => {
    for (const [file, schema] of Object.entries(makeJsonSchemas())) {
      expect([file, withoutDescription(schema, schema)]).toEqual([file, []]);
    }
  });

  it('has an example for every key of a step, which Gantry accepts', () => {
    expect(keys.length).toBeGreaterThan(100);
    for (const { kind, key, value } of keys.filter((each) => each.key !== 'kind')) {
      const examples = metaOf(value).examples ?? [];
      expect([kind, key, examples.length > 0]).toEqual([kind, key, true]);
      for (const example of examples) {
        expect([kind, key, parseBy(step, { ...minimal(kind), [key]: example }).issues]).toEqual([
          kind,
          key,
          [],
        ]);
      }
    }
  });

  it('has the defaults that count: written out they change nothing in the plan', () => {
    const planOf = (value: object) => {
      const suite = readValid(stringify({ steps: { a: value } }));
      return makePlan(suite, { profile: null, platformEnv: {}, env: {} }).nodes[0];
    };
    const given = keys.filter(({ kind, value }) => kind !== 'suite' && defaultOf(value) !== undefined);
    expect(given.map(({ key }) => key)).toEqual(expect.arrayContaining(['pull', 'grace', 'expect_exit']));
    for (const { kind, key, value } of given) {
      const { packageDigest: _, ...written } = planOf({ ...minimal(kind), [key]: defaultOf(value) }) ?? {};
      expect([key, planOf(minimal(kind))]).toMatchObject([key, written]);
    }
  });

  it('fails for a table of keys that nobody has', () => {
    const text = '<!-- keys of nothing, made by "npm run schemas" -->\n<!-- end of keys -->';
    expect(() => fillKeyTables(text)).toThrow('there are no keys of nothing');
  });
});

type Json = Record<string, unknown>;

/** The paths of the properties that have no description of their own and no `$ref` to one. */
function withoutDescription(schema: unknown, whole: unknown, at = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, if: _if, else: _else, ...rest } = schema as Json;
  const found = Object.entries((properties as Json | undefined) ?? {}).flatMap(([key, value]) => [
    ...(describes(value, whole) ? [] : [`${at}/${key}`]),
    ...withoutDescription(value, whole, `${at}/${key}`),
  ]);
  return [
    ...found,
    ...Object.entries(rest).flatMap(([key, value]) =>
      key === 'examples' ? [] : withoutDescription(value, whole, `${at}/${key}`),
    ),
  ];
}

function describes(property: unknown, whole: unknown): boolean {
  const { description, $ref } = property as Json;
  if (typeof description === 'string') return true;
  const name = typeof $ref === 'string' ? /^#\/\$defs\/(\w+)$/.exec($ref)?.[1] : undefined;
  const definitions = (whole as Json).$defs as Json | undefined;
  return name !== undefined && typeof (definitions?.[name] as Json | undefined)?.description === 'string';
}
