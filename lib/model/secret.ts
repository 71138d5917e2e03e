import { z } from 'zod';
import { maxProfileSteps } from './limits';

/** Where the value of a secret is found: never the value itself. */
export const secretReference = z.object({
  /** The variable that a step gets the value in. */
  key: z.string().max(200),
  /** `env:NAME`, `file:/path`, `vault:path#field`; `launch`: whoever launches brings it. */
  from: z.string().max(2_000),
});
export type SecretReference = z.infer<typeof secretReference>;

/** A secret of a profile. */
export const profileSecret = secretReference.extend({
  /** The ids of the steps that get it; absent: all of its suite. */
  steps: z.array(z.string().max(200)).max(maxProfileSteps).optional(),
  /** What it is called in those steps; absent: as its key. */
  as: z.string().max(200).optional(),
});
export type ProfileSecret = z.infer<typeof profileSecret>;

/** What `from` is, or begins with, for a secret that the launch brings. */
export const launchSource = 'launch';

/** Where a step finds a secret that was brought to the launch of an execution. */
export function launchPlace(executionId: string, key: string): string {
  return `${launchSource}:${executionId}/${key}`;
}

/** The same for every execution: what a step does is not changed by which one it is a part of. */
export function withoutExecution({ key, from }: SecretReference): SecretReference {
  const brought = /^launch:.*\/(.*)$/.exec(from)?.[1];
  return { key, from: brought === undefined ? from : `${launchSource}:${brought}` };
}

/** Shorter values stand in any text by chance: they cannot be masked. */
export const minSecretLength = 4;
export const maxSecretLength = 64 * 1024;

/** The text that replaces a secret. */
export const mask = '***';

/** Why a value cannot be a secret, in words that do not show it; null when it can. */
export function explainUnusable(value: string): string | null {
  if (value.trim().length < minSecretLength) {
    return `it has fewer than ${minSecretLength} characters, which stand in any text by chance and cannot be masked`;
  }
  if (value.length > maxSecretLength) return `it has more than ${maxSecretLength} characters`;
  return value.includes('\0') ? 'it has a NUL in it, which no variable can hold' : null;
}
