import { load } from 'js-yaml';
import { z } from 'zod';
import type { Schema } from '../file/inspect-schema';

const { core } = z;

/** Reads what `.meta({…})` says about a key: its own words first, then those of the schemas that it wraps. */
export function metaOf(schema: Schema): z.core.GlobalMeta {
  const inner = wrappedBy(schema);
  return { ...(inner && metaOf(inner)), ...z.globalRegistry.get(schema) };
}

/** The value that counts without the key, as a suite writes it. Undefined where there is none, or only words for it. */
export function defaultOf(schema: Schema): unknown {
  const literal = /^`([^`]+)`$/.exec(metaOf(schema).whenAbsent ?? '')?.[1];
  if (literal !== undefined) return load(literal);
  if (!(schema instanceof core.$ZodDefault || schema instanceof core.$ZodPrefault)) return undefined;
  const { defaultValue } = schema._zod.def;
  // An empty list or mapping goes without saying.
  return typeof defaultValue === 'object' && Object.keys(Object(defaultValue)).length === 0
    ? undefined
    : defaultValue;
}

function wrappedBy(schema: Schema): Schema | null {
  if (schema instanceof core.$ZodOptional || schema instanceof core.$ZodDefault)
    return schema._zod.def.innerType;
  if (schema instanceof core.$ZodPrefault) return schema._zod.def.innerType;
  if (!(schema instanceof core.$ZodPipe)) return null;
  const { in: first, out } = schema._zod.def;
  return first instanceof core.$ZodTransform ? out : first;
}
