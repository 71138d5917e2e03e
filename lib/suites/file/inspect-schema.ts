import { z } from 'zod';
import { levels } from './schema/level';

/** Any zod schema. */
export type Schema = z.core.$ZodType;

const { core } = z;
type ValueKind = 'mapping' | 'list' | 'text' | 'number' | 'boolean' | 'nothing';
const mergedVariants = new WeakMap<z.core.$ZodDiscriminatedUnion, z.core.$ZodObject>();

/** Strips what decides about absent keys and about the output. What first meets the value is left. */
export function unwrap(schema: Schema): Schema {
  if (schema instanceof core.$ZodOptional) return unwrap(schema._zod.def.innerType);
  if (schema instanceof core.$ZodDefault) return unwrap(schema._zod.def.innerType);
  if (schema instanceof core.$ZodPrefault) return unwrap(schema._zod.def.innerType);
  if (!(schema instanceof core.$ZodPipe)) return schema;
  const { in: first, out } = schema._zod.def;
  return unwrap(first instanceof core.$ZodTransform ? out : first);
}

/** Finds the schema of the value at a path, as far as the data leads there. */
export function schemaAt(root: Schema, value: unknown, path: readonly PropertyKey[]): Schema | null {
  let schema: Schema | null = root;
  let data = value;
  for (const key of path) {
    schema = schema && childOf(settle(schema, data), key);
    data = childValue(data, key);
  }
  return schema;
}

/** Strips all wrappers and chooses among the options of unions, down to the schema that takes this value. */
export function settle(schema: Schema, value: unknown): Schema | null {
  const inner = unwrap(schema);
  if (!(inner instanceof core.$ZodUnion)) return inner;
  const option = optionFor(inner, value);
  return option && settle(option, value);
}

/**
 * Chooses the option of a union that is made for this value: by the discriminator, else by the kind of value. Where no
 * option has the discriminator, one with the keys of all options is made, so that the rest of the mapping is looked at.
 */
export function optionFor(union: z.core.$ZodUnion, value: unknown): Schema | null {
  if (union instanceof core.$ZodDiscriminatedUnion) return variantFor(union, value);
  const [first, second] = union._zod.def.options.filter((option) => takes(option, kindOf(value)));
  return first && !second ? first : null;
}

/** Reads the options of a discriminated union with the names that select each. */
export function variantsOf(
  union: z.core.$ZodDiscriminatedUnion,
): { names: string[]; schema: z.core.$ZodObject }[] {
  const { discriminator, options } = union._zod.def;
  return options.flatMap((option) => {
    const schema = unwrap(option);
    if (!(schema instanceof core.$ZodObject)) return [];
    return [{ names: [...(schema._zod.propValues?.[discriminator] ?? [])].map(String), schema }];
  });
}

/** Reads the value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(childValue, value);
}

function childValue(value: unknown, key: PropertyKey): unknown {
  return isContainer(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined;
}

/** Tells whether a value is a mapping or a list. */
export function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Tells whether a value is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'list' : 'mapping';
}

function takes(schema: Schema, kind: ValueKind): boolean {
  const inner = unwrap(schema);
  if (inner instanceof core.$ZodUnion) return inner._zod.def.options.some((option) => takes(option, kind));
  if (inner instanceof core.$ZodObject || inner instanceof core.$ZodRecord) return kind === 'mapping';
  if (inner instanceof core.$ZodArray) return kind === 'list';
  if (inner instanceof core.$ZodString || inner instanceof core.$ZodEnum) return kind === 'text';
  if (inner instanceof core.$ZodNumber) return kind === 'number';
  return inner instanceof core.$ZodBoolean && kind === 'boolean';
}

function childOf(schema: Schema | null, key: PropertyKey): Schema | null {
  if (schema instanceof core.$ZodObject) return schema._zod.def.shape[String(key)] ?? null;
  if (schema instanceof core.$ZodRecord) return schema._zod.def.valueType;
  return schema instanceof core.$ZodArray ? schema._zod.def.element : null;
}

function variantFor(union: z.core.$ZodDiscriminatedUnion, value: unknown): Schema | null {
  if (kindOf(value) !== 'mapping') return null;
  const { discriminator } = union._zod.def;
  const variants = variantsOf(union);
  const named = childValue(value, discriminator);
  return variants.find(({ names }) => names.some((name) => name === named))?.schema ?? mergeVariants(union);
}

function mergeVariants(union: z.core.$ZodDiscriminatedUnion): z.core.$ZodObject {
  const known = mergedVariants.get(union);
  if (known) return known;
  const { discriminator } = union._zod.def;
  const variants = variantsOf(union);
  const shape: Record<string, Schema> = {};
  for (const [key, schema] of variants.flatMap((variant) => Object.entries(variant.schema._zod.def.shape))) {
    // What one kind requires, another one may not have.
    shape[key] = z.optional(schema);
  }
  shape[discriminator] = z.enum(variants.flatMap(({ names }) => names));
  const merged = z.strictObject(shape);
  const level = variants[0] && levels.get(variants[0].schema);
  if (level) merged.register(levels, level);
  mergedVariants.set(union, merged);
  return merged;
}
