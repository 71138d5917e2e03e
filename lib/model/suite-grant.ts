import { z } from 'zod';
import { suitePattern, suiteRight } from './suite-right';
import { suiteRights } from './suite-rights';

/** Who gets rights. `id` is the id of the person or token, or the name of the group. */
export const grantee = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['person', 'token', 'group']), id: z.string().trim().min(1).max(200) }),
    z.strictObject({ kind: z.literal('everyone') }),
  ])
  .describe('A person or an API token by id, a group by name, or everyone.');
export type Grantee = z.infer<typeof grantee>;

export const suiteGrantRequest = z.strictObject({
  grantee,
  suites: suitePattern,
  rights: z
    .array(suiteRight)
    .min(1)
    .max(suiteRights.length)
    .transform((rights) => suiteRights.filter((right) => right === 'see' || rights.includes(right)))
    .describe('What the grantee may do with these suites; `see` is always one of them.'),
});
export type SuiteGrantRequest = z.input<typeof suiteGrantRequest>;

/**
 * The rights of one grantee to the suites of a pattern. Once a suite matches any grant, only admins and those with a
 * matching grant can see or use it.
 */
export const suiteGrant = z.object({
  id: z.string(),
  grantee,
  /** An id or a pattern. */
  suites: z.string(),
  rights: z.array(suiteRight),
  createdAt: z.string(),
  madeBy: z.string().nullable(),
});
export type SuiteGrant = z.infer<typeof suiteGrant>;

/** The name of a group of people. */
export const groupName = z.string().trim().min(1).max(200);
