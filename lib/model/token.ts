import { z } from 'zod';

const dayMs = 24 * 60 * 60 * 1000;

/** A token as it is listed: its text is shown once, when it is made. */
export const tokenSummary = z.object({
  id: z.string(),
  kind: z.enum(['api', 'agent']),
  /** Name of its bearer in executions and in the audit log. */
  name: z.string(),
  role: z.enum(['viewer', 'member', 'admin', 'agent']),
  createdAt: z.string(),
  /** Null: the server itself, at a start. */
  madeBy: z.string().nullable(),
  expiresAt: z.string().nullable(),
  /** About a minute exact; null: never. */
  lastUsedAt: z.string().nullable(),
});
export type TokenSummary = z.infer<typeof tokenSummary>;

export const tokenRequest = z.strictObject({
  name: z.string().trim().min(1).max(80),
  role: z.enum(['viewer', 'member', 'admin']),
  expiresInMs: z
    .int()
    .min(60_000)
    .max(3_650 * dayMs)
    .optional()
    .describe('From now on, at most ten years; without it the token does not expire.'),
});
export const tokenRotation = z.strictObject({
  overlapMs: z
    .int()
    .min(0)
    .max(30 * dayMs)
    .default(dayMs)
    .describe('How long the present token and its sessions stay valid, at most 30 days; default: a day.'),
});

export type TokenRequest = z.infer<typeof tokenRequest>;
