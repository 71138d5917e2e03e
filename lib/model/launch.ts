import { z } from 'zod';
import { backendKind, executionSummary } from './execution';
import { keepForMs, keepWhen } from './keep';

export const launchRequest = z.strictObject({
  suiteId: z.string().min(1).max(200),
  profile: z.string().min(1).max(100).optional().describe("Without it the suite's default one."),
  backend: z
    .string()
    .max(100)
    .optional()
    .describe("A backend's id; empty or `auto` for the available default, else the first available."),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .max(200),
      z.string().max(32_768),
    )
    .optional()
    .describe("Above the suite's and the profile's, below secrets."),
  labels: z.record(z.string().min(1).max(63), z.string().max(255)).optional(),
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
  profiles: z.array(z.object({ name: z.string(), description: z.string().nullable(), default: z.boolean() })),
  backends: z.array(backendOption),
});
export type LaunchSuite = z.infer<typeof launchSuite>;

export const overview = z.object({ executions: z.array(executionSummary), at: z.string() });
export type Overview = z.infer<typeof overview>;
