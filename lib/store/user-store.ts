import type { UserChange, UserSummary } from '../model/user';

/** A person's role; agents are no people. */
export type PersonRole = 'viewer' | 'member' | 'admin';

export interface User {
  id: string;
  /** In lower case. */
  email: string | null;
  name: string;
  role: PersonRole;
  /** Null: there is none to compare with. */
  passwordHash: string | null;
  isDisabled: boolean;
}

export type NewUser = Pick<User, 'name' | 'role'> & { email: string; madeBy?: string };

/** Who an identity provider says somebody is. */
export interface Identity {
  provider: string;
  subject: string;
}

/** People who sign in. E-mail addresses come in lower case. */
export interface UserStore {
  /** Rejects with `conflict` when somebody has the address. */
  add(user: NewUser): Promise<User>;
  get(id: string): Promise<User | null>;
  byEmail(email: string): Promise<User | null>;
  byIdentity(identity: Identity): Promise<User | null>;
  /** With an identity that somebody has already: `conflict`. */
  link(id: string, identity: Identity): Promise<void>;
  /** Whether this is the id of the first admin, made or not. */
  isFirstAdmin(id: string): boolean;
  /** The person that a sign-in link of the server signs in, made at the first one: an admin without an address. */
  firstAdmin(): Promise<User>;
  /** By name. */
  list(): Promise<UserSummary[]>;
  summary(id: string): Promise<UserSummary | null>;
  /** What is left out stays. Null: there is no such person. Rejects with `conflict` when the address is taken. */
  change(id: string, change: UserChange): Promise<User | null>;
  setPassword(id: string, hash: string | null): Promise<void>;
}
