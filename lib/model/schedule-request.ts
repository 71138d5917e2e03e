import type { ScheduleAnswer, ScheduleRequest } from './schedule';

/** What is sent to change a schedule, from what was read of it. Apart from the schemas, which no page needs for it. */
export function scheduleRequestOf(schedule: ScheduleAnswer): ScheduleRequest {
  const {
    id: _,
    changedAt,
    changedBy,
    declaredIn,
    nextTimes,
    lastFiring,
    rights,
    rightsFrom,
    ...request
  } = schedule;
  return request;
}
