import type { Role } from '../store/store';

/** Who asks. */
export interface Principal {
  name: string;
  role: Role;
  /** How they showed it: a stream token may only read streams, a cookie needs a same-origin request to write. */
  via: 'bearer' | 'cookie' | 'query' | 'stream';
}

const rank: Record<Role, number> = { viewer: 0, member: 1, admin: 2 };

export function hasRole(principal: Principal, needed: Role): boolean {
  return rank[principal.role] >= rank[needed];
}
