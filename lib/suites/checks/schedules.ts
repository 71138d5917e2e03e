import type { SuiteProfile } from '../../model/suite';
import { isMapping } from '../file/inspect-schema';
import type { AddIssue } from '../file/issue';
import { cronPattern } from '../file/schema/schedules';
import { readPattern } from '../schedule-pattern';

const defaultTimeZone = 'UTC';

/**
 * Checks what the schema of a schedule cannot: that the time zone exists, that the pattern has a time to come, and that
 * the profile, if the package has it, can be launched. Other profiles may be stored by Gantry.
 */
export function checkSchedules(
  suite: Record<string, unknown>,
  profiles: SuiteProfile[],
  add: AddIssue,
): void {
  if (!isMapping(suite.schedules)) return;
  for (const [name, schedule] of Object.entries(suite.schedules)) {
    if (!isMapping(schedule)) continue;
    const { cron, time_zone: timeZone = defaultTimeZone, profile } = schedule;
    if (cronPattern.safeParse(cron).success && typeof cron === 'string' && typeof timeZone === 'string') {
      const { problem } = readPattern({ cron, timeZone });
      const key = problem?.key === 'timeZone' ? 'time_zone' : 'cron';
      if (problem) add(['schedules', name, key], problem.message);
    }
    if (profiles.some((each) => each.name === profile && !each.launchable)) {
      add(
        ['schedules', name, 'profile'],
        `expected a profile that can be launched, found "${profile}", which is only there to be extended`,
      );
    }
  }
}
