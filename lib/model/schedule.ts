import { z } from 'zod';
import { timestamp } from './execution';
import { callersRights } from './suite-details';

const name = z.string().min(1).max(80);

/** The longest jitter: a day has 24 hours, and times must not pass each other. */
const maxJitterSeconds = 3_600;

/** The body of a schedule. */
export const scheduleRequest = z.strictObject({
  name: name.describe('For people: it is the author of the executions, and their label `schedule`.'),
  suiteId: z.string().min(1).max(200),
  profile: z.string().min(1).max(100).nullish().describe("Without it the suite's default one."),
  backend: z.string().min(1).max(100).nullish().describe("A backend's id; without it the default one."),
  cron: z
    .string()
    .min(1)
    .max(120)
    .describe('Five fields (minute, hour, day, month, weekday), or a name such as `@daily`.'),
  timeZone: z.string().min(1).max(60).default('UTC').describe('An IANA name, such as `Europe/Berlin`.'),
  enabled: z.boolean().default(true),
  jitterSeconds: z
    .int()
    .min(0)
    .max(maxJitterSeconds)
    .default(0)
    .describe('Delays the schedule by a fixed part of so many seconds, so that not all start at once.'),
  whenRunning: z
    .enum(['skip', 'queue', 'cancel'])
    .default('skip')
    .describe(
      'If an execution of the schedule has not ended: skip this time, wait for its end, or cancel it.',
    ),
  whenMissed: z
    .enum(['skip', 'once'])
    .default('skip')
    .describe('Times that pass while no control plane runs: skip them, or launch once afterwards.'),
});
export type ScheduleRequest = z.infer<typeof scheduleRequest>;

/** The body of a change. A client that sends back what it has read may not know of the file, nor of rights. */
export const scheduleChange = scheduleRequest.extend({
  declaredIn: z.string().max(1_000).nullish().describe('As in answers; it is ignored.'),
  rights: callersRights.shape.rights.max(100).optional().describe('As in answers; it is ignored.'),
  rightsFrom: callersRights.shape.rightsFrom.optional().describe('As in answers; it is ignored.'),
});

/** One planned time. `waiting`: it is launched soon, or when an earlier execution has ended. */
export const scheduleFiring = z.object({
  plannedAt: timestamp,
  status: z.enum(['waiting', 'launched', 'skipped', 'failed']),
  executionId: z.string().nullable(),
  /** Why it was skipped, failed or still waits; null when it was launched. */
  reason: z.string().nullable(),
});
export type ScheduleFiring = z.infer<typeof scheduleFiring>;

/** When a suite is launched by itself. */
export const schedule = scheduleRequest.extend({
  id: z.string(),
  profile: z.string().nullable(),
  backend: z.string().nullable(),
  changedAt: timestamp,
  changedBy: z.string(),
  declaredIn: z
    .string()
    .nullable()
    .describe('The file of the suite that declares it. Such a schedule can only be turned on and off here.'),
});
export type Schedule = z.infer<typeof schedule>;

/** A schedule as it is shown. */
export const scheduleSummary = schedule.extend({
  /** The next five times, with the jitter; none when it is off. */
  nextTimes: z.array(timestamp),
  lastFiring: scheduleFiring.nullable(),
});
export type ScheduleSummary = z.infer<typeof scheduleSummary>;

/** A schedule as the API answers it. */
export const scheduleAnswer = scheduleSummary.extend(callersRights.shape);
export type ScheduleAnswer = z.infer<typeof scheduleAnswer>;
