import type { SecretReference } from '../model/secret';

/** Finds the values of secrets. They are kept in memory only, for as long as an execution runs. */
export interface Secrets {
  /**
   * The values by key. Rejects with AppError `secret_missing`, naming every one that is not there or cannot be
   * used, or `secret_unavailable` when a place cannot be asked now. No message has a value in it.
   */
  resolve(references: readonly SecretReference[], signal?: AbortSignal): Promise<Record<string, string>>;
}

/** One kind of place where values are. */
export interface SecretSource {
  /** The value at a place, e.g. the `NAME` of `env:NAME`. Rejects as `Secrets.resolve` does, for this one. */
  find(place: string, signal: AbortSignal | undefined): Promise<string>;
}

/** Shorter values stand in any text by chance: they cannot be masked. */
export const shortestSecret = 4;
export const longestSecret = 64 * 1024;
