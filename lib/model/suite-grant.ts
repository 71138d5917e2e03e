import { z } from 'zod';
import { suitePattern, suiteRight, suiteRights } from './suite-right';

/** `group`: of an identity provider, or as an admin says. `id` is that of the person or token, or the group's name. */
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
 * Rights of somebody to suites. A suite that any grant is about is owned: admins aside, those alone see it and do
 * something with it whom a grant lets.
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
