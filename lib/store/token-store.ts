import type { SessionSummary } from '../model/session';
import type { TokenSummary } from '../model/token';

/** `agent` stands beside the others: it may use the agents' own routes and nothing else. */
export type Role = 'viewer' | 'member' | 'admin' | 'agent';
/**
 * `package` lets a pod fetch one package, named by `name`, and is no one's identity. `invitation` lets a person choose a
 * password, once.
 */
export type TokenKind = 'api' | 'session' | 'sign_in' | 'agent' | 'package' | 'invitation';

export interface Token {
  id: string;
  kind: TokenKind;
  name: string;
  role: Role;
  expiresAt: string | null;
  /** The person whose session or invitation it is, and whose name and role it has. */
  userId?: string;
  /** Patterns of the suites that an API token, and its sessions, are limited to; undefined: no limit. */
  suites?: readonly string[];
  /** The groups of the person. */
  groups?: readonly string[];
  /** The id of the token that a session was begun with. */
  madeFrom?: string;
  /**
   * Of a session: how long ago its person last showed who they are, with a password, at a provider or with a token.
   * Infinity: never, or nobody knows when.
   */
  provenMsAgo?: number;
}

/** `madeBy` is a name. */
export type NewToken = Omit<Token, 'id' | 'groups' | 'provenMsAgo'> & {
  madeBy?: string;
  session?: SessionStart;
};

export type RotatedToken = Pick<Token, 'id' | 'name' | 'role' | 'expiresAt'> & {
  suites: string[] | null;
  formerExpiresAt: string;
};

/** How a session began; it ends `idleSeconds` after its last use. */
export interface SessionStart {
  idleSeconds: number;
  address: string | null;
  userAgent: string | null;
  /** When its person showed who they are, if that was before it began; 1970 if nobody knows when. */
  provenAt?: string;
}

/** Sessions of one person; or those of the caller with this token or session; or all. */
export type SessionFilter = { userId: string } | { callerTokenId: string } | 'all';

/** Tokens by the SHA-256 of their text: the text itself is never stored. */
export interface TokenStore {
  /** Rejects with AppError `conflict` when there is one with this text, or was. */
  add(token: NewToken, hash: string): Promise<Token>;
  /**
   * Null when it is unknown, expired, revoked, idle for too long, of a person who is disabled, or of none of these kinds: a caller names those that it takes. Counts as a
   * use of it. `maxAgeMs`: it may be answered as it was so long ago, to who will look again before anything comes of it.
   */
  find<Kind extends TokenKind>(
    hash: string,
    kinds: readonly Kind[],
    maxAgeMs?: number,
  ): Promise<(Token & { kind: Kind }) | null>;
  /** Returns the valid ones among these ids, like `find`, but without counting as a use. */
  stillValid(ids: readonly string[]): Promise<ReadonlyMap<string, Token>>;
  /**
   * The API token by whose right goes on what the one with this id made: the newest unrevoked one of those that rotations
   * put in its place, else itself unless it is revoked. One that has expired does if it was not rotated.
   */
  inPlaceOf(id: string): Promise<Token | null>;
  /** Finds a token and deletes it, so that only one caller gets it. */
  consume(hash: string, kind: TokenKind): Promise<Token | null>;
  /** With every session that was begun with it. False when there was nothing to revoke, of that kind if one is given. */
  revoke(id: string, kind?: TokenKind): Promise<boolean>;
  /**
   * Adds a token of an API client or of agents with this hash beside the one with this id: of its name, role, suites and
   * grants, and for as long from now on. Agents of the former one may go on with it.
   * The former one and its sessions end after `overlapMs`, if not before. Null when there is no such token or it is not
   * valid. Rejects with `conflict` when a valid token is in its place already.
   */
  rotate(id: string, hash: string, overlapMs: number, madeBy: string): Promise<RotatedToken | null>;
  /** API and agents' tokens that are not revoked, the newest first. */
  list(): Promise<TokenSummary[]>;
  count(kind: TokenKind): Promise<number>;
  /** Sessions that are valid, the one that was used last first, at most 1,000. `currentId`: the caller's own. */
  sessions(filter: SessionFilter, currentId: string | null): Promise<SessionSummary[]>;
  /** Ends these sessions but for `exceptId`. Returns their ids. */
  endSessions(filter: SessionFilter, exceptId?: string | null): Promise<string[]>;
  /** The session ends so long from now, if not before. */
  endSessionAfter(id: string, delayMs: number): Promise<void>;
  /** The person of the session has just shown again who they are. */
  prove(id: string): Promise<void>;
  /** Makes invitations of this person useless. */
  dropInvitations(userId: string): Promise<void>;
}
