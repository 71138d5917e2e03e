import { createHash } from 'node:crypto';
import type { Cron } from 'croner';
import { AppError } from '../../model/errors';
import type { Schedule } from '../../model/schedule';
import type { NextTime } from '../../store/schedule-store';
import { readPattern } from '../../suites/schedule-pattern';

type Timing = Pick<Schedule, 'id' | 'cron' | 'timeZone' | 'jitterSeconds'>;

/**
 * The planned times of a schedule. A time of day that a change to summer time leaves out comes at the change; one that
 * the change back brings twice comes the first time alone.
 */
export interface Times {
  /** With the jitter, which is the same for every time of the schedule. Null when there is none. */
  next(after: Date): NextTime | null;
  nextTimes(after: Date, count: number): string[];
  /** The newest planned time that is due at this time; null when there is none. */
  lastDue(at: Date): Date | null;
  jitterMs: number;
}

/** Rejects with `bad_request` when the pattern or the time zone is not valid, or never comes. */
export function timesOf(timing: Timing): Times {
  const pattern = patternOf(timing);
  const jitterMs = jitterOf(timing);
  const due = (planned: Date) => new Date(planned.getTime() + jitterMs).toISOString();
  return {
    jitterMs,
    next(after) {
      const planned = pattern.nextRun(after);
      return planned && { nextAt: planned.toISOString(), dueAt: due(planned) };
    },
    nextTimes: (after, count) =>
      pattern.nextRuns(count, new Date(after.getTime() - jitterMs)).map((planned) => due(planned)),
    // A millisecond later, because those before a time do not have the time itself.
    lastDue: (at) => pattern.previousRuns(1, new Date(at.getTime() - jitterMs + 1))[0] ?? null,
  };
}

function patternOf(timing: Timing): Cron {
  const { pattern, problem } = readPattern(timing);
  if (pattern) return pattern;
  const { key: path, message } = problem;
  throw new AppError('bad_request', `The schedule is not valid: ${path}: ${message}.`, {
    issues: [{ path, message }],
  });
}

function jitterOf({ id, jitterSeconds }: Timing): number {
  if (jitterSeconds === 0) return 0;
  const part = createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(part * jitterSeconds * 1000);
}
