import { matchesSuite, type SuiteRight } from '../model/suite-right';
import { hasRole, type Principal } from './principal';

/** What a caller may do with suites. `null` for a suite: nobody knows which one it is. */
export interface SuiteAccess {
  may(right: SuiteRight, suiteId: string | null): boolean;
  /** There may be a suite with which the caller may do so. */
  mayAny(right: SuiteRight): boolean;
  /** The caller may do with every suite what the caller's role says: nothing has to be looked up. */
  isUnlimited: boolean;
}

export function suiteAccessOf(principal: Principal): SuiteAccess {
  const { onlySuites } = principal;
  const mayAny = (right: SuiteRight) => hasRole(principal, right === 'see' ? 'viewer' : 'member');
  if (onlySuites === undefined) return { may: mayAny, mayAny, isUnlimited: true };
  return {
    may: (right, suiteId) =>
      mayAny(right) && (right === 'see' || (suiteId !== null && matchesSuite(onlySuites, suiteId))),
    mayAny,
    isUnlimited: false,
  };
}
