import { createHash } from 'node:crypto';
import { Cron } from 'croner';
import { AppError, messageOf } from '../../model/errors';
import type { Schedule } from '../../model/schedule';
import type { NextTime } from '../../store/schedule-store';

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

function patternOf({ cron, timeZone }: Timing): Cron {
  // croner knows one only when it reckons the first time.
  if (!isTimeZone(timeZone)) {
    throw invalid('timeZone', `expected an IANA time zone such as Europe/Berlin, found \`${timeZone}\``);
  }
  let pattern: Cron;
  try {
    pattern = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
  } catch (error) {
    throw invalid(
      'cron',
      `expected five fields such as \`30 2 * * 1-5\`, found \`${cron}\` (${messageOf(error)})`,
      error,
    );
  }
  if (pattern.nextRun() === null) {
    throw invalid('cron', `expected a pattern with a time to come, found \`${cron}\`, which never comes`);
  }
  return pattern;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function jitterOf({ id, jitterSeconds }: Timing): number {
  if (jitterSeconds === 0) return 0;
  const part = createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(part * jitterSeconds * 1000);
}

function invalid(path: string, message: string, cause?: unknown): AppError {
  return new AppError('bad_request', `The schedule is not valid: ${path}: ${message}.`, {
    cause,
    issues: [{ path, message }],
  });
}
