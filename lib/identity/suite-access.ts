import type { SuiteGrant } from '../model/suite-grant';
import { matchesSuite, type SuiteRight, type SuiteScope } from '../model/suite-right';
import { suiteRights } from '../model/suite-rights';
import { hasRole, type Principal } from './principal';

/** A caller's rights to suites. A suite id of null stands for an unknown suite. */
export interface SuiteAccess {
  may(right: SuiteRight, suiteId: string | null): boolean;
  /** Tells whether the caller can have this right to some suite. */
  mayAny(right: SuiteRight): boolean;
  /** Tells whether a grant, not the role, gives the right. */
  isGranted(right: SuiteRight, suiteId: string | null): boolean;
  /** The suites that the caller may see, as a filter for the store; null: all. */
  scope: SuiteScope | null;
  /** Only the role counts, so that no suite has to be looked up. */
  isUnlimited: boolean;
  /** A text that changes when the caller's rights to the suite, or to any suite (null), change. */
  standing(suiteId: string | null): string;
}

/**
 * Computes the rights of a caller. A suite that matches any grant is owned: only grants count for it, except for admins.
 * For other suites the role counts. A token limited to suites can only see others, whatever grants say. Agents have no
 * rights to suites.
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

/** Memoizes a function of one argument. */
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
