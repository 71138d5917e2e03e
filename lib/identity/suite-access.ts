import type { SuiteGrant } from '../model/suite-grant';
import { matchesSuite, type SuiteRight, type SuiteScope } from '../model/suite-right';
import { hasRole, type Principal } from './principal';

/** What a caller may do with suites. `null` for a suite: nobody knows which one it is. */
export interface SuiteAccess {
  may(right: SuiteRight, suiteId: string | null): boolean;
  /** There may be a suite with which the caller may do so. */
  mayAny(right: SuiteRight): boolean;
  /** A grant says so, and not the caller's role. */
  isGranted(right: SuiteRight, suiteId: string | null): boolean;
  /** The suites that the caller sees, for the store; null: all. */
  scope: SuiteScope | null;
  /** The caller may do with every suite what the caller's role says: nothing has to be looked up. */
  isUnlimited: boolean;
  /** Another one after anything has changed in what the caller may do. */
  standing: string;
}

/**
 * A suite that a grant is about is owned: it is for those whom grants let, and for admins. Every other suite is for
 * everybody by their role. A token that is for some suites changes nothing of others, whatever grants say.
 */
export function suiteAccessOf(principal: Principal, grants: readonly SuiteGrant[]): SuiteAccess {
  const { onlySuites, role } = principal;
  const limits = hasRole(principal, 'admin') ? [] : grants;
  const owned = [...new Set(limits.map(({ suites }) => suites))];
  const own = limits.filter(({ grantee }) => isFor(principal, grantee));
  const granted = (right: SuiteRight) =>
    own.filter(({ rights }) => rights.includes(right)).map(({ suites }) => suites);
  const byRole = (right: SuiteRight) => hasRole(principal, right === 'see' ? 'viewer' : 'member');
  const isGranted: SuiteAccess['isGranted'] = (right, suiteId) =>
    suiteId !== null && matchesSuite(granted(right), suiteId);
  return {
    isGranted,
    may(right, suiteId) {
      const isLimited = right !== 'see' && onlySuites !== undefined;
      if (isLimited && (suiteId === null || !matchesSuite(onlySuites, suiteId))) return false;
      if (suiteId === null) return limits.length === 0 && byRole(right);
      return matchesSuite(owned, suiteId) ? isGranted(right, suiteId) : byRole(right);
    },
    mayAny: (right) => byRole(right) || granted(right).length > 0,
    scope: limits.length === 0 ? null : { except: owned, also: granted('see') },
    isUnlimited: limits.length === 0 && onlySuites === undefined,
    standing: JSON.stringify([
      role,
      onlySuites ?? null,
      owned,
      own.map(({ suites, rights }) => [suites, rights]),
    ]),
  };
}

function isFor({ userId, apiTokenId, groups = [] }: Principal, grantee: SuiteGrant['grantee']): boolean {
  switch (grantee.kind) {
    case 'everyone':
      return true;
    case 'person':
      return grantee.id === userId;
    case 'token':
      return grantee.id === apiTokenId;
    case 'group':
      return groups.includes(grantee.id);
  }
}
