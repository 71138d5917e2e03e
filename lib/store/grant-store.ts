import type { SuiteGrant } from '../model/suite-grant';

/** Rights to suites beyond roles. */
export interface GrantStore {
  /**
   * All grants, by pattern. The answer is cached, because every request needs it: changes by another control plane
   * show after `maxAgeMs` at most (default: one second).
   */
  list(maxAgeMs?: number): Promise<readonly SuiteGrant[]>;
  /** Replaces the grantee's former rights to the same pattern. */
  save(grant: Omit<SuiteGrant, 'id' | 'createdAt'>): Promise<SuiteGrant>;
  /** Returns the grant that was removed; null if there is none. */
  remove(id: string): Promise<SuiteGrant | null>;
}
