import { z } from 'zod';
import { matchesPattern } from './match-pattern';

/**
 * A right to a suite, its executions and their environments. `see`: read. `launch`: launch, rerun and
 * cancel; profiles, schedules and mutes. `keep`: keep environments. `exec`: run commands in containers. `reap`: remove
 * environments.
 */
export const suiteRight = z.enum(['see', 'launch', 'keep', 'exec', 'reap']);
export type SuiteRight = z.infer<typeof suiteRight>;

export const suiteRights = suiteRight.options;

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
