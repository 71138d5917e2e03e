import { z } from 'zod';
import { profileName } from './names';
import { duration } from './quantities';
import { text } from './text';

const maxSchedules = 50;
const maxJitterMs = 3_600_000;

const scheduleName = z
  .string('expected the name of a schedule: up to 80 letters, digits, ".", "_" and "-"')
  .regex(/^[A-Za-z0-9][\w.-]{0,79}$/);

/** Describes a cron pattern by its form. Whether its times ever come is checked by `checkSchedules`. */
export const cronPattern = z
  .string('expected five fields such as "30 2 * * 1-5", or a name such as "@daily"')
  .max(120)
  .regex(/^(?:@[a-z]+|\S+(?: +\S+){4})$/);

/** Describes when a suite is launched by itself. */
export const schedule = z.strictObject({
  cron: cronPattern.meta({
    description:
      'Minute, hour, day, month and weekday, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.',
    examples: ['30 2 * * 1-5'],
  }),
  time_zone: text('an IANA time zone such as Europe/Berlin', { max: 60 })
    .default('UTC')
    .meta({ description: 'The time zone of the pattern, by its IANA name.', examples: ['Europe/Berlin'] }),
  profile: profileName.optional().meta({
    description: 'The profile to launch with.',
    examples: ['nightly'],
    whenAbsent: 'the default one',
  }),
  backend: text('the id of a backend', { max: 100 })
    .optional()
    .meta({
      description: 'The backend to launch on, by its id in the settings.',
      examples: ['kubernetes'],
      whenAbsent: 'the default one',
    }),
  jitter: duration(0)
    .pipe(z.number().max(maxJitterMs, 'expected a duration of at most 1h'))
    .default(0)
    .meta({
      description: 'Delays every time of the schedule by the same part of this, at most `1h`.',
      examples: ['10m'],
      whenAbsent: '`0s`',
    }),
  when_running: z
    .enum(['skip', 'queue', 'cancel'])
    .default('skip')
    .meta({
      description:
        'If an execution of the schedule has not ended: `skip` the time, `queue` it until then, or `cancel` the execution and launch.',
      examples: ['queue'],
    }),
  when_missed: z
    .enum(['skip', 'once'])
    .default('skip')
    .meta({
      description: 'Times at which no control plane ran: `skip` them, or launch `once` afterwards.',
      examples: ['once'],
    }),
});

/** Describes the schedules of a suite by their names. */
export const schedules = z
  .record(scheduleName, schedule)
  .refine((all) => Object.keys(all).length <= maxSchedules, {
    error: `expected at most ${maxSchedules} schedules`,
    params: { found: 'more' },
  })
  .meta({
    description: 'When the suite is launched by itself, by the names of the schedules.',
    examples: [{ nightly: { cron: '30 2 * * 1-5', time_zone: 'Europe/Berlin' } }],
    see: 'schedules.md',
    maxProperties: maxSchedules,
  });
