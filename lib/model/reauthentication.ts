import { z } from 'zod';
import { maxPasswordLength } from './user';

/** How the person of a session can show again who they are. With none of these, only a new sign-in does. */
export const reauthenticationWays = z.object({
  /** By their password. */
  password: z.boolean(),
  /** At an identity provider, which then signs the browser in anew. */
  providers: z.array(z.object({ id: z.string(), name: z.string() })),
  /** By the API token that the session was begun with, or a sign-in link's token for the first admin. */
  token: z.boolean(),
  /** Whether they have, so short a while ago that nothing has to be shown again. */
  recent: z.boolean(),
});
export type ReauthenticationWays = z.infer<typeof reauthenticationWays>;

export const reauthenticationRequest = z.union([
  z.strictObject({ password: z.string().min(1).max(maxPasswordLength) }),
  z.strictObject({ token: z.string().min(1).max(500) }),
]);
export type ReauthenticationRequest = z.infer<typeof reauthenticationRequest>;
