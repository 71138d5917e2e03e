import type { SuiteGrant } from '../model/suite-grant';
import { matchesSuite, type SuiteRight, type SuiteScope, suiteRights } from '../model/suite-right';
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
  /** Another one after anything has changed in what the caller may do with the suite, or with any (null). */
  standing(suiteId: string | null): string;
}

/**
 * A suite that a grant is about is owned: it is for those whom grants let, and for admins. Every other suite is for
 * everybody by their role. A token that is for some suites changes nothing of others, whatever grants say. Agents have
 * no rights to suites.
 */
export function suiteAccessOf(principal: Principal, grants: readonly SuiteGrant[]): SuiteAccess {
  const { onlySuites, role } = principal;
  const limits = hasRole(principal, 'admin') ? [] : grants;
  const owned = [...new Set(limits.map(({ suites }) => suites))];
  const own = role === 'agent' ? [] : limits.filter(({ grantee }) => isFor(principal, grantee));
  const granted = remembered((right: SuiteRight) =>
    own.filter(({ rights }) => rights.includes(right)).map(({ suites }) => suites),
  );
  const byRole = (right: SuiteRight) => hasRole(principal, right === 'see' ? 'viewer' : 'member');
  const suiteOf = remembered((suiteId: string) => ({
    isOwned: matchesSuite(owned, suiteId),
    isWithin: onlySuites === undefined || matchesSuite(onlySuites, suiteId),
    isGranted: remembered((right: SuiteRight) => matchesSuite(granted(right), suiteId)),
  }));
  const may: SuiteAccess['may'] = (right, suiteId) => {
    if (suiteId === null) {
      const isLimited = right !== 'see' && onlySuites !== undefined;
      return !isLimited && limits.length === 0 && byRole(right);
    }
    const { isOwned, isWithin, isGranted } = suiteOf(suiteId);
    if (right !== 'see' && !isWithin) return false;
    return isOwned ? isGranted(right) : byRole(right);
  };
  return {
    may,
    isGranted: (right, suiteId) => suiteId !== null && suiteOf(suiteId).isGranted(right),
    mayAny: (right) => byRole(right) || granted(right).length > 0,
    scope: limits.length === 0 ? null : { except: owned, also: granted('see') },
    isUnlimited: limits.length === 0 && onlySuites === undefined,
    standing: (suiteId) =>
      suiteId === null
        ? JSON.stringify([role, onlySuites, owned, own.map(({ suites, rights }) => [suites, rights])])
        : suiteRights.filter((right) => may(right, suiteId)).join(' '),
  };
}

/** What the function answered for the same before is not computed again. */
function remembered<Of, T>(compute: (of: Of) => T): (of: Of) => T {
  const known = new Map<Of, T>();
  return (of) => {
    const found = known.get(of) ?? compute(of);
    known.set(of, found);
    return found;
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
