import type { ScheduleAnswer, ScheduleRequest } from '@/lib/model/schedule';

/** What is sent to change a schedule. */
export function requestOf(schedule: ScheduleAnswer): ScheduleRequest {
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
