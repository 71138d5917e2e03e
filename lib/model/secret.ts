import { z } from 'zod';

/** Where the value of a secret is found: never the value itself. */
export const secretReference = z.object({
  /** The variable that a step gets the value in. */
  key: z.string(),
  /** `env:NAME`, `file:/path` or `vault:path#field`. */
  from: z.string(),
});
export type SecretReference = z.infer<typeof secretReference>;

/** What stands where a secret was. */
export const mask = '***';
