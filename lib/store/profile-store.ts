import type { ManagedProfile } from '../model/managed-profile';

/** Profiles that were made over the API. */
export interface ProfileStore {
  /** In order of name; of every suite when none is named. */
  list(suiteId: string | null): Promise<ManagedProfile[]>;
  /**
   * Writes it; a suite's other profiles stop being the default when it is. `new`: rejects with AppError `conflict`
   * when the suite has one of that name. `old`: with `not_found` when it has none.
   */
  save(profile: ManagedProfile, expected: 'new' | 'old'): Promise<void>;
  /** False when it was not there. */
  remove(suiteId: string, name: string): Promise<boolean>;
}
