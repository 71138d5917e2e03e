import { Cron } from 'croner';
import { messageOf } from '../model/errors';

/** A pattern whose times can be computed, or what is wrong with it. */
export type ReadPattern =
  | { pattern: Cron; problem: null }
  | { pattern: null; problem: { key: 'cron' | 'timeZone'; message: string } };

/** Reads a cron pattern of five fields in a time zone. One that never comes is a problem, too. */
export function readPattern({ cron, timeZone }: { cron: string; timeZone: string }): ReadPattern {
  // croner checks the zone only when it computes the first time.
  if (!isTimeZone(timeZone)) {
    return problem('timeZone', `expected an IANA time zone such as Europe/Berlin, found \`${timeZone}\``);
  }
  let pattern: Cron;
  try {
    pattern = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
  } catch (error) {
    const why = messageOf(error);
    return problem('cron', `expected five fields such as \`30 2 * * 1-5\`, found \`${cron}\` (${why})`);
  }
  if (pattern.nextRun() === null) {
    return problem('cron', `expected a pattern with a time to come, found \`${cron}\`, which never comes`);
  }
  return { pattern, problem: null };
}

function problem(key: 'cron' | 'timeZone', message: string): ReadPattern {
  return { pattern: null, problem: { key, message } };
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
