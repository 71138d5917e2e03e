import type { z } from 'zod';

/**
 * Requires exactly one of these keys in a mapping. `meta` says the same in the JSON Schema:
 * `z.strictObject({…}).check(choice.check).meta(choice.meta)`.
 */
export function exactlyOneOf<const K extends string>(keys: readonly K[]) {
  const check = ({ value, issues }: z.core.ParsePayload<{ [key in K]?: unknown }>): void => {
    const given = keys.filter((key) => Object.hasOwn(value, key));
    if (given.length === 1) return;
    const isPair = keys.length === 2;
    const message = isPair
      ? `expected either "${keys.join('" or "')}"`
      : `expected one of ${keys.join(', ')}`;
    const found = given.length === 0 ? 'none' : isPair ? 'both' : given.join(' and ');
    issues.push({ code: 'custom', input: value, message, params: { found } });
  };
  return { check, meta: { oneOf: keys.map((key) => ({ required: [key] })) } };
}
