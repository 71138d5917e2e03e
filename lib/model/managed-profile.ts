import { z } from 'zod';
import { timestamp } from './execution';
import { secretReference } from './secret';

const variables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const name = z.string().min(1).max(100);

/** What the API takes as a profile: the same keys and rules as a file in `profiles/`. */
export const profileRequest = z.strictObject({
  name: name.optional(),
  description: z.string().optional(),
  default: z.boolean().optional(),
  extends: name.optional(),
  launchable: z.boolean().optional(),
  env: variables.optional(),
  headers: variables.optional(),
  secrets: z.array(secretReference.strict()).max(200).optional(),
  steps: z
    .record(z.string(), z.strictObject({ env: variables.optional(), headers: variables.optional() }))
    .optional(),
});
export type ProfileRequest = z.infer<typeof profileRequest>;

const texts = z.record(z.string(), z.string());

/** A profile that was made over the API: it lies beside those of the suite's package, and is kept in the store. */
export const managedProfile = z.object({
  suiteId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  /** It is launched when none is named, whatever the package says. */
  default: z.boolean(),
  /** A managed profile or one of the package. */
  extends: z.string().nullable(),
  launchable: z.boolean(),
  env: texts,
  headers: texts,
  secrets: z.array(secretReference),
  steps: z.record(z.string(), z.object({ env: texts, headers: texts })),
  changedAt: timestamp,
  changedBy: z.string(),
});
export type ManagedProfile = z.infer<typeof managedProfile>;
