import { z } from 'zod';
import { adviseOn } from './foreign-keys';
import { type Schema, settle, unwrap, valueAt, variantsOf } from './inspect-schema';
import { quote } from './issue';
import { nearest } from './nearest';
import { levels } from './schema/level';

const plurals: Partial<Record<string, string>> = {
  service: 'services',
  mock: 'mocks',
  task: 'tasks',
  test: 'tests',
  suite: 'suites',
};

/**
 * Says what is wrong with a key that a mapping does not have: it is a key of another kind of step, one of another tool, or
 * near to one that is known. Without `isSuggested` nothing is searched for.
 */
export function explainUnknownKey(
  schema: Schema,
  mapping: unknown,
  key: string,
  isSuggested: boolean,
): string {
  const elsewhere = keyOfAnotherKind(schema, mapping, key);
  if (elsewhere) return elsewhere;
  const unknown = `unknown key ${quote(key)}`;
  const inner = settle(schema, mapping);
  if (!isSuggested || !(inner instanceof z.core.$ZodObject)) return unknown;
  const level = levels.get(inner)?.level;
  const advice = level ? adviseOn(level, key) : null;
  if (advice) return `${unknown}; ${advice}`;
  const known = Object.keys(inner._zod.def.shape);
  const near = nearest(key, known);
  return `${unknown}; ${near ? `did you mean "${near}"?` : `known are ${known.join(', ')}`}`;
}

function keyOfAnotherKind(schema: Schema, mapping: unknown, key: string): string | null {
  const union = unwrap(schema);
  if (!(union instanceof z.core.$ZodDiscriminatedUnion)) return null;
  const kind = valueAt(mapping, [union._zod.def.discriminator]);
  const owners = variantsOf(union).filter(({ schema: { _zod } }) => Object.hasOwn(_zod.def.shape, key));
  if (owners.length === 0 || typeof kind !== 'string') return null;
  if (kind === 'suite') return `${quote(key)} is not for a suite: its own steps say it`;
  const whose = owners.flatMap(({ names }) => names.map((name) => plurals[name] ?? name));
  return `${quote(key)} is for ${whose.join(' and ')}, and this step is a ${kind}`;
}
