import { z } from 'zod';
import { timestamp } from './execution';
import { limitedList, limitedRecord, limitedText, limitedVariables, maxProfileSteps } from './limits';
import { profileSecret } from './secret';
import { profileStepChange } from './suite';

const looseText = z.union([limitedText, z.number(), z.boolean()]);
const variables = limitedVariables(z.string().max(200), looseText);
const name = z.string().min(1).max(100);

/** The body of a managed profile: the same keys and rules as a file in `profiles/`. */
export const profileRequest = z.strictObject({
  name: name.optional(),
  description: limitedText.optional(),
  default: z.boolean().optional(),
  extends: name.optional(),
  launchable: z.boolean().optional(),
  env: variables.optional(),
  headers: variables.optional(),
  vars: variables.optional(),
  secrets: z.array(profileSecret.strict()).max(200).optional(),
  steps: limitedRecord(
    z.string().max(300),
    z.strictObject({
      env: variables.optional(),
      headers: variables.optional(),
      skip: z.boolean().optional(),
      image: limitedText.optional(),
      run: z.union([z.string().max(100_000), limitedList(looseText)]).optional(),
    }),
    maxProfileSteps,
  ).optional(),
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
  secrets: z.array(profileSecret),
  /** Absent in profiles of earlier releases. */
  vars: texts.optional(),
  steps: z.record(z.string(), profileStepChange),
  changedAt: timestamp,
  changedBy: z.string(),
});
export type ManagedProfile = z.infer<typeof managedProfile>;
