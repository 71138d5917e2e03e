import { z } from 'zod';
import { backendKind, executionSummary } from './execution';
import { keepForMs, keepWhen } from './keep-alive';
import { limitedList, limitedRecord, limitedText, limitedVariables } from './limits';
import { maxSecretLength } from './secret';
import { valueNamePattern } from './template';
import { variableNamePattern } from './variable-name';

/** Values that are never stored in clear, shown or logged: see `openLaunchSecrets`. */
const launchSecrets = limitedRecord(
  z.string().max(200).regex(variableNamePattern, 'expected the name of a variable, without "="'),
  z.string().max(maxSecretLength),
  50,
).describe(
  'Secrets for this launch alone, by key: in the place of those of the profile with the same key, else for every step. They are masked everywhere, and stored encrypted until the execution has ended.',
);

export const launchRequest = z.strictObject({
  suiteId: z.string().min(1).max(200),
  profile: z.string().min(1).max(100).optional().describe("Without it the suite's default one."),
  backend: z
    .string()
    .max(100)
    .optional()
    .describe("A backend's id; empty or `auto` for the available default, else the first available."),
  env: limitedVariables(
    z.string().regex(variableNamePattern, 'expected the name of a variable, without "="'),
    limitedText,
  )
    .optional()
    .describe(
      "Above the suite's and the profile's, below secrets. Names and values have at most 262,144 characters together.",
    ),
  vars: limitedVariables(
    z.string().regex(valueNamePattern, 'expected the name of a variable of the suite'),
    limitedText,
  )
    .optional()
    .describe('Values for the `vars` of the suite, by name: above its own and those of the profile.'),
  images: limitedRecord(z.string().min(1).max(300), z.string().min(1).max(500))
    .optional()
    .describe('Images for this launch alone, by step id: above those of the suite and of the profile.'),
  onlySteps: limitedList(z.string().min(1).max(300), 200)
    .min(1)
    .optional()
    .describe(
      'Ids of steps, or of nested suites: they run with all that they wait for, and nothing else does.',
    ),
  secrets: launchSecrets.optional(),
  labels: limitedRecord(z.string().min(1).max(63), z.string().max(255), 64).optional(),
  keep: keepWhen
    .optional()
    .describe('Leaves the environment up when the execution ends; without `keepForMs` for an hour.'),
  keepForMs: keepForMs.optional(),
});
export type LaunchRequest = z.infer<typeof launchRequest>;

export const rerunRequest = z.strictObject({
  only: z
    .enum(['all', 'failed'])
    .default('all')
    .describe(
      '`failed`: what passed keeps its result where its inputs are the same and nothing that runs again needs it.',
    ),
  secrets: launchSecrets
    .optional()
    .describe('As those of a launch: all that the execution was launched with have to be brought again.'),
});
export type RerunRequest = z.infer<typeof rerunRequest>;

export const backendOption = z.object({
  id: z.string(),
  label: z.string(),
  kind: backendKind,
  default: z.boolean(),
  available: z.boolean(),
  /** Why it is not available, or why this suite cannot run there; null when it can. */
  reason: z.string().nullable(),
});
export type BackendOption = z.infer<typeof backendOption>;

export const launchSuite = z.object({
  id: z.string(),
  title: z.string(),
  repository: z.string().nullable(),
  description: z.string().nullable(),
  profiles: z.array(
    z.object({
      name: z.string(),
      description: z.string().nullable(),
      default: z.boolean(),
      /** What it sets of the suite's variables. */
      vars: z.record(z.string(), z.string()),
    }),
  ),
  /** The suite's variables with their defaults. */
  vars: z.record(z.string(), z.string()),
  backends: z.array(backendOption),
});
export type LaunchSuite = z.infer<typeof launchSuite>;

export const overview = z.object({
  /** The newest that run, those that are next in the queue, and the newest that have ended; newest first. */
  executions: z.array(executionSummary),
  /** All of them, also those that are not among `executions`. */
  counts: z.object({ running: z.int(), queued: z.int() }),
  at: z.string(),
});
export type Overview = z.infer<typeof overview>;
