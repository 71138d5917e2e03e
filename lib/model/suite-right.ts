import { z } from 'zod';
import { matchesPattern } from './match-pattern';
import { suiteRights } from './suite-rights';

export const suiteRight = z.enum(suiteRights);
export type SuiteRight = z.infer<typeof suiteRight>;

/** The id of a suite, or a pattern with `*` for any text. Ids of versions contain an `@`: `checkout@1.2.0+b1`. */
export const suitePattern = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[\w.*@+-]+$/, 'expected the id of a suite, or a pattern such as `pay-*`')
  .describe('The id of a suite; `*` in it is any text. Without an `@` it is for all versions of the suite.');

/** Tells whether a pattern matches the id. A pattern without an `@` matches all versions of a suite. */
export function matchesSuite(patterns: readonly string[], suiteId: string): boolean {
  const [allVersions = ''] = suiteId.split('@');
  return patterns.some(
    (pattern) =>
      matchesPattern(pattern, suiteId) || (!pattern.includes('@') && matchesPattern(pattern, allVersions)),
  );
}

/** A set of suites: all that match no pattern of `except`, and all that match one of `also`. */
export interface SuiteScope {
  except: readonly string[];
  also: readonly string[];
}
