import type { Role } from '../store/store';

/** Who asks. */
export interface Principal {
  name: string;
  role: Role;
  /** How they showed it: a stream token may only read streams, a cookie needs a same-origin request to write. */
  via: 'bearer' | 'cookie' | 'query' | 'stream';
  /** The token or session itself; none of a stream token. What an agent made belongs to its token. */
  tokenId?: string;
}

const rank = { viewer: 0, member: 1, admin: 2 };

/** Each role may do what the ones before it may; an agent stands beside them, and nobody else is one. */
export function hasRole(principal: Principal, needed: Role): boolean {
  if (principal.role === 'agent' || needed === 'agent') return principal.role === needed;
  return rank[principal.role] >= rank[needed];
}
