import type { RegistryLogin } from '../model/registry-login';
import type { SecretReference } from '../model/secret';

/** Finds the values of secrets. They are kept in memory only, for as long as an execution runs. */
export interface Secrets {
  /**
   * The values by key. Rejects with AppError `secret_missing`, naming every one that is not there or cannot be
   * used, or `secret_unavailable` when a place cannot be asked now. No message has a value in it.
   */
  resolve(references: readonly SecretReference[], signal?: AbortSignal): Promise<Record<string, string>>;
}

/** Encrypts the secrets that launches bring with a key that is not in the database. */
export interface SecretSeal {
  /** The name of what it belongs to is needed to open it again. */
  seal(value: string, name: string): Uint8Array;
  /** Throws AppError `secret_missing` when it was sealed with another key or for something else. */
  open(sealed: Uint8Array, name: string): string;
}

/** The logins for registries in the platform settings, whose passwords are sealed where they are stored. */
export interface RegistryLogins {
  /** With the password in clear; null when there is none for the host. Rejects with `secret_missing` as `SecretSeal.open` does. */
  find(host: string): Promise<RegistryLogin | null>;
  /** As it is stored. */
  seal(login: RegistryLogin): RegistryLogin;
}

/** One kind of place where values are. */
export interface SecretSource {
  /** The value at a place, e.g. the `NAME` of `env:NAME`. Rejects as `Secrets.resolve` does, for this one. */
  find(place: string, signal: AbortSignal | undefined): Promise<string>;
}
