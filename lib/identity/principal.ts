import type { Role } from '../store/store';

/** What a caller may do with a suite, or with all (null): see `SuiteAccess.standing`. */
export interface Standing {
  suiteId: string | null;
  text: string;
}

/** The person or program that a request is authenticated as. */
export interface Principal {
  name: string;
  role: Role;
  /** How it authenticated: a stream token may only read streams, a cookie needs a same-origin request to write. */
  via: 'bearer' | 'cookie' | 'query' | 'stream';
  /** The token or session itself, or that which a stream token was made with. What an agent made belongs to its token. */
  tokenId?: string;
  /** The person whose session it is. */
  userId?: string;
  /** Patterns of the suites that its token is for; undefined: all. */
  onlySuites?: readonly string[];
  /** The API token that it shows, or that its session was begun with. */
  apiTokenId?: string;
  groups?: readonly string[];
  /** The streams of a caller end when it changes. */
  standing?: () => Standing;
}

const rank = { viewer: 0, member: 1, admin: 2 };

/** Whether the principal's role includes the needed one. Roles are ordered viewer, member, admin; `agent` is separate. */
export function hasRole(principal: Principal, needed: Role): boolean {
  if (principal.role === 'agent' || needed === 'agent') return principal.role === needed;
  return rank[principal.role] >= rank[needed];
}
