import fc from 'fast-check';

/** A part of the OpenAPI document. */
export type Schema = Record<string, unknown>;

const texts = [
  '',
  ' ',
  '\0',
  '\ud800',
  '..',
  '../../../etc/passwd',
  '%2e%2e%2f',
  '%00',
  "' or 1=1 --",
  '${{ steps.a.outputs.b }}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '-1',
  '0',
  '2147483648',
  '9223372036854775808',
  '1e309',
  'NaN',
  '0000-01-01T00:00:00Z',
  '275760-09-13T00:00:00.001Z',
  'x'.repeat(2_000),
  '🦄'.repeat(200),
  'null',
];
const numbers = [0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308];

/**
 * Values for a schema of the document: mostly of its shape with something odd in it, so that they come past the first
 * check, and now and then of no shape at all.
 */
export function hostileValue(schema: unknown, document: Schema, depth = 0): fc.Arbitrary<unknown> {
  const known = resolve(schema, document);
  const odd = fc.constantFrom<unknown>(null, [], {}, true, ...texts.slice(0, 8), ...numbers);
  if (depth > 5) return odd;
  return fc.oneof({ weight: 12, arbitrary: ofShape(known, document, depth) }, { weight: 1, arbitrary: odd });
}

function ofShape(schema: Schema, document: Schema, depth: number): fc.Arbitrary<unknown> {
  const inner = (each: unknown) => hostileValue(each, document, depth + 1);
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices && choices.length > 0) return fc.oneof(...choices.map(inner));
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const [type] = [schema.type].flat();
  if (type === 'object' || schema.properties) return objectOf(schema, inner);
  if (type === 'array') return fc.array(inner(schema.items ?? {}), { maxLength: 3 });
  if (type === 'integer' || type === 'number')
    return fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(...numbers));
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  return fc.oneof(
    fc.constantFrom(...texts),
    fc.string({ maxLength: 30 }),
    fc.constantFrom('hello', 'local', 'a'),
  );
}

function objectOf(schema: Schema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const fields = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)])),
    { requiredKeys: required.filter((name) => Object.hasOwn(properties, name)) },
  );
  if (!isSchema(schema.additionalProperties)) return fields;
  const more = fc.dictionary(fc.constantFrom('A', 'b', '__proto__', ''), inner(schema.additionalProperties), {
    maxKeys: 3,
  });
  return fc.tuple(fields, more).map(([some, others]) => ({ ...others, ...some }));
}

function resolve(schema: unknown, document: Schema): Schema {
  if (!isSchema(schema)) return {};
  if (typeof schema.$ref !== 'string') return schema;
  const found = schema.$ref
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), document);
  return isSchema(found) ? found : {};
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
