import { z } from 'zod';
import { suitePattern } from './suite-right';

const dayMs = 24 * 60 * 60 * 1000;

/** A token as it is listed: its text is shown once, when it is made. */
export const tokenSummary = z.object({
  id: z.string(),
  kind: z.enum(['api', 'agent']),
  /** Name of its bearer in executions and in the audit log. */
  name: z.string(),
  role: z.enum(['viewer', 'member', 'admin', 'agent']),
  /** The suites that the token is limited to, as ids or patterns; null: no limit. */
  suites: z.array(z.string()).nullable(),
  createdAt: z.string(),
  /** Null: the server itself, at a start. */
  madeBy: z.string().nullable(),
  expiresAt: z.string().nullable(),
  /** About a minute exact; null: never. */
  lastUsedAt: z.string().nullable(),
  replacedBy: z.string().nullable().describe('The valid token that a rotation put in its place.'),
});
export type TokenSummary = z.infer<typeof tokenSummary>;

const tokenFields = z.strictObject({
  name: z.string().trim().min(1).max(80),
  role: z.enum(['viewer', 'member', 'admin']),
  suites: z
    .array(suitePattern)
    .min(1)
    .max(100)
    .optional()
    .describe(
      'For a member: the suites that it may launch, and whose executions, environments, profiles and schedules it may change; without it all. It reads everything that a member reads.',
    ),
  expiresInMs: z
    .int()
    .min(60_000)
    .max(3_650 * dayMs)
    .optional()
    .describe('From now on, at most ten years; without it the token does not expire.'),
});

export const tokenRequest = tokenFields.refine(
  ({ role, suites }) => suites === undefined || role === 'member',
  {
    path: ['suites'],
    message:
      'expected none, for a list of suites is for the role member: a viewer launches nothing, an admin everything',
  },
);

/** The role of an API token. */
export const tokenRole = tokenFields.shape.role;

export const tokenRotation = z.strictObject({
  overlapMs: z
    .int()
    .min(0)
    .max(30 * dayMs)
    .default(dayMs)
    .describe('How long the present token and its sessions stay valid, at most 30 days; default: a day.'),
});

export type TokenRequest = z.infer<typeof tokenRequest>;
