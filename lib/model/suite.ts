import { z } from 'zod';
import { profileSecret } from './secret';
import { suiteStepKinds } from './step-kind';

/** Something wrong in a suite's files, at its place. Lines and columns count from 1. */
export const suiteProblem = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  /** Names the thing, what was expected, what was found. */
  message: z.string(),
});
export type SuiteProblem = z.infer<typeof suiteProblem>;

const variables = z.record(z.string(), z.string());

export const suiteStepKind = z.enum(suiteStepKinds);
export type SuiteStepKind = z.infer<typeof suiteStepKind>;

/** What a profile changes for one step. */
export const profileStepChange = z.object({
  env: variables,
  headers: variables,
  /** The step is left out, and nothing waits for it. */
  skip: z.boolean().optional(),
  image: z.string().optional(),
  /** The argv in the place of the step's program. */
  run: z.array(z.string()).optional(),
});
export type ProfileStepChange = z.infer<typeof profileStepChange>;

export const suiteProfile = z.object({
  name: z.string(),
  description: z.string().nullable(),
  default: z.boolean(),
  launchable: z.boolean(),
  /** The chain is resolved: what the bases say is merged in, their own values below this profile's. */
  env: variables,
  headers: variables,
  /** Each key once, the chain's merged. */
  secrets: z.array(profileSecret),
  /** Values for the variables of the suite; absent where it sets none. */
  vars: variables.optional(),
  /** By step id. */
  steps: z.record(z.string(), profileStepChange),
});
export type SuiteProfile = z.infer<typeof suiteProfile>;

export const suiteFile = z.object({ path: z.string(), bytes: z.int(), executable: z.boolean() });
export type SuiteFile = z.infer<typeof suiteFile>;

/** Merges what the layers of a profile change for each step, the lowest first. */
export function mergeStepChanges(chain: readonly Pick<SuiteProfile, 'steps'>[]): SuiteProfile['steps'] {
  const merged = new Map<string, ProfileStepChange>();
  for (const { steps } of chain) {
    for (const [id, layer] of Object.entries(steps)) {
      const below = merged.get(id);
      merged.set(id, {
        ...below,
        ...layer,
        env: { ...below?.env, ...layer.env },
        headers: { ...below?.headers, ...layer.headers },
      });
    }
  }
  return Object.fromEntries(merged);
}
