import { z } from 'zod';
import { hasFailed } from '../test-case';
import { fillDigests, isSameImage } from './case-images';
import { type CaseInputs, type CaseResult, caseResult } from './case-record';
import { caseTimes, timesOf } from './case-times';
import { passedOnRetry } from './passed-on-retry';

/** The number of results that every figure is computed from. */
export const historyLength = 100;

const share = z.object({ count: z.int(), of: z.int() });

/** `passesOnRetry`: runs that passed after a failed try. `flips`: changes between passed and failed on unchanged inputs. */
export const flakyScore = z.object({ isFlaky: z.boolean(), passesOnRetry: share, flips: share });
export type FlakyScore = z.infer<typeof flakyScore>;

export const caseChange = z.object({
  what: z.enum(['image', 'package', 'profile']),
  /** The step whose image changed. */
  stepId: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type CaseChange = z.infer<typeof caseChange>;

/** The present run of failures: how many runs, the first of them, and what differs from the run before it. */
export const caseStreak = z.object({
  failures: z.int(),
  /** The streak may have begun earlier than the history goes back. */
  isCut: z.boolean(),
  first: caseResult,
  changes: z.array(caseChange),
});
export type CaseStreak = z.infer<typeof caseStreak>;

export const caseFigures = z.object({
  last: caseResult.nullable(),
  runs: z.int(),
  flaky: flakyScore,
  streak: caseStreak.nullable(),
  times: caseTimes,
});
export type CaseFigures = z.infer<typeof caseFigures>;

/** The figures of a case by its results, oldest first. Pure. */
export function figuresOf(results: readonly CaseResult[], isWhole: boolean): CaseFigures {
  return {
    last: results.at(-1) ?? null,
    runs: results.length,
    flaky: scoreFlakiness(results),
    streak: streakOf(results, isWhole),
    times: timesOf(results),
  };
}

/**
 * A case is flaky when it passed on a retry, or when it passed after a failure though profile, package and images were
 * the same. A failure that stays is none, nor is one that goes away with a change.
 */
export function scoreFlakiness(results: readonly CaseResult[]): FlakyScore {
  const passesOnRetry = { count: results.filter(passedOnRetry).length, of: results.length };
  const flips = { count: 0, of: 0 };
  let hasRecovered = false;
  const before = new Map<string, boolean>();
  const images = fillDigests(results);
  for (const [index, result] of results.entries()) {
    if (result.status !== 'passed' && !hasFailed(result)) continue;
    const inputs = inputsKey({ ...result, images: images[index] ?? result.images });
    const failed = hasFailed(result);
    const failedBefore = before.get(inputs);
    before.set(inputs, failed);
    if (failedBefore === undefined) continue;
    flips.of += 1;
    if (failedBefore === failed) continue;
    flips.count += 1;
    if (!failed) hasRecovered = true;
  }
  return { isFlaky: passesOnRetry.count > 0 || hasRecovered, passesOnRetry, flips };
}

/** Skipped results neither end a streak nor count. */
function streakOf(results: readonly CaseResult[], isWhole: boolean): CaseStreak | null {
  const ran = results.filter(({ status }) => status !== 'skipped');
  const start = ran.findLastIndex((result) => !hasFailed(result)) + 1;
  const first = ran[start];
  if (!first) return null;
  const before = ran[start - 1];
  return {
    failures: ran.length - start,
    isCut: before === undefined && !isWhole,
    first,
    changes: before ? changesBetween(before, first) : [],
  };
}

/** The inputs that differ: a step that only one of the runs has is a change of the package. */
export function changesBetween(before: CaseInputs, after: CaseInputs): CaseChange[] {
  const changes: CaseChange[] = [];
  if (before.profile !== after.profile)
    changes.push({ what: 'profile', stepId: null, before: before.profile, after: after.profile });
  if (before.packageDigest !== after.packageDigest)
    changes.push({ what: 'package', stepId: null, before: before.packageDigest, after: after.packageDigest });
  for (const stepId of new Set([...Object.keys(before.images), ...Object.keys(after.images)])) {
    const [old = null, now = null] = [before.images[stepId], after.images[stepId]];
    if (!isSameImage(old, now)) changes.push({ what: 'image', stepId, before: old, after: now });
  }
  return changes;
}

function inputsKey({ profile, packageDigest, images }: CaseInputs): string {
  const sorted = Object.entries(images).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([profile, packageDigest, sorted]);
}
