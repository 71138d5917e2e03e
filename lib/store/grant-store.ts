import type { SuiteGrant } from '../model/suite-grant';

/** Who may do what with which suites, beside what their roles say. */
export interface GrantStore {
  /**
   * By pattern. Read for every request, so it may be so old (default: a second) where another control plane has
   * changed it.
   */
  list(maxAgeMs?: number): Promise<readonly SuiteGrant[]>;
  /** Replaces what this grantee was granted for the same pattern. */
  save(grant: Omit<SuiteGrant, 'id' | 'createdAt'>): Promise<SuiteGrant>;
  /** Returns what was removed; null when there is none. */
  remove(id: string): Promise<SuiteGrant | null>;
}
