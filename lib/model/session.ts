import { z } from 'zod';

/** A signed-in browser. */
export const sessionSummary = z.object({
  id: z.string(),
  /** Name and role that its requests have now. */
  name: z.string(),
  role: z.enum(['viewer', 'member', 'admin']),
  /** The person; null: it was begun with an API token. */
  userId: z.string().nullable(),
  createdAt: z.string(),
  /** About a minute exact. */
  lastSeenAt: z.string(),
  expiresAt: z.string(),
  /** Where it was begun. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** The request itself is of this session. */
  current: z.boolean(),
});
export type SessionSummary = z.infer<typeof sessionSummary>;
