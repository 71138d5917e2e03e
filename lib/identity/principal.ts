import type { Role } from '../store/store';

/** The caller's rights to a suite, or to all (null), as a text to compare: see `SuiteAccess.standing`. */
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
  /** Patterns of the suites that the token is limited to; undefined: no limit. */
  onlySuites?: readonly string[];
  /** The API token of the request, or the one that its session began with. */
  apiTokenId?: string;
  groups?: readonly string[];
  /** Of a session: how long ago its person last showed who they are. */
  provenMsAgo?: number;
  /** Streams of the caller end when this changes. */
  standing?: () => Standing;
}

const rank = { viewer: 0, member: 1, admin: 2 };

/** Whether the principal's role includes the needed one. Roles are ordered viewer, member, admin; `agent` is separate. */
export function hasRole(principal: Principal, needed: Role): boolean {
  if (principal.role === 'agent' || needed === 'agent') return principal.role === needed;
  return rank[principal.role] >= rank[needed];
}
