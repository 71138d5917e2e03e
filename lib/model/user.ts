import { z } from 'zod';
import { groupName } from './suite-grant';

export const personRole = z.enum(['viewer', 'member', 'admin']);

/** Characters of a password: what is longer costs time and adds nothing. */
export const maxPasswordLength = 200;

/** How people are told apart: compared in lower case. */
export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('expected an e-mail address such as ada@example.com'));

export const userSummary = z.object({
  id: z.string(),
  /** Null: of the first admin, until one is given. */
  email: z.string().nullable(),
  /** As executions and the audit log show this person. */
  name: z.string(),
  role: personRole,
  /** The groups from the identity provider at each sign-in, or set by an admin. */
  groups: z.array(z.string()),
  hasPassword: z.boolean(),
  /** Identity providers that this person has signed in with, by id. */
  providers: z.array(z.string()),
  createdAt: z.string(),
  /** Null: the server, or an identity provider. */
  madeBy: z.string().nullable(),
  /** Null: may sign in. */
  disabledAt: z.string().nullable(),
  /** Null: has no session, and had none. */
  lastSeenAt: z.string().nullable(),
  /** Browsers that are signed in now. */
  sessions: z.int(),
});
export type UserSummary = z.infer<typeof userSummary>;

const displayName = z.string().trim().min(1).max(80);

export const userRequest = z.strictObject({
  email: emailAddress,
  name: displayName.optional().describe('Without it, the e-mail address up to its `@`.'),
  role: personRole,
});
export type UserRequest = z.infer<typeof userRequest>;

export const userChange = z.strictObject({
  email: emailAddress.optional(),
  name: displayName.optional(),
  role: personRole.optional(),
  disabled: z.boolean().optional(),
  groups: z
    .array(groupName)
    .max(200)
    .optional()
    .describe(
      'All groups of the person, to which grants may give rights. An identity provider that says groups sets them at each sign-in.',
    ),
});
export type UserChange = z.infer<typeof userChange>;

/** A link that lets one person choose a password, once. */
export const invitation = z.object({ token: z.string(), expiresAt: z.string() });
export type Invitation = z.infer<typeof invitation>;
