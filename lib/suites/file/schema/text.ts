import { z } from 'zod';

/**
 * Describes a text that is not empty, at most 1,000 characters unless given. `what` is what a message expects: "a title".
 */
export function text(what: string, { max = 1_000, pattern }: { max?: number; pattern?: RegExp } = {}) {
  const schema = z.string(`expected ${what}`).min(1).max(max);
  return pattern ? schema.regex(pattern) : schema;
}

/** Describes a whole number. `what` is what a message expects: "a port". */
export function wholeNumber(what: string, min: number, max: number) {
  return z.int(`expected ${what} from ${min} to ${max}`).min(min).max(max);
}
