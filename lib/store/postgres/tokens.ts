import { and, count, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { tokens } from '../../../drizzle/schema';
import type { Token, TokenStore } from '../store';
import type { Database } from './database';
import { newId } from './new-id';
import { reachable } from './reachable';

const fields = {
  id: tokens.id,
  kind: tokens.kind,
  name: tokens.name,
  role: tokens.role,
  expiresAt: tokens.expiresAt,
};

/** Neither revoked nor expired, by the database's clock. */
const isValid = and(isNull(tokens.revokedAt), or(isNull(tokens.expiresAt), gt(tokens.expiresAt, sql`now()`)));

export function createTokenStore({ sql: handWritten, tables }: Database): TokenStore {
  return {
    add: (token, hash) =>
      reachable(async () => {
        const added: Token = { ...token, id: newId() };
        await tables.insert(tokens).values({ ...added, hash });
        return added;
      }),
    find: (hash) =>
      reachable(async () => {
        // Asked for every request, so as a prepared statement.
        const [row] = await handWritten<Token[]>`
          select id, kind, name, role, expires_at as "expiresAt" from tokens
          where hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > now())`;
        return row ?? null;
      }),
    consume: (hash, kind) =>
      reachable(async () => {
        const [row] = await tables
          .delete(tokens)
          .where(and(eq(tokens.hash, hash), eq(tokens.kind, kind), isValid))
          .returning(fields);
        return row ?? null;
      }),
    revoke: (id) =>
      reachable(async () => {
        await tables
          .update(tokens)
          .set({ revokedAt: sql`now()` })
          .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)));
      }),
    count: (kind) =>
      reachable(async () => {
        const [row] = await tables
          .select({ number: count() })
          .from(tokens)
          .where(and(eq(tokens.kind, kind), isValid));
        return row?.number ?? 0;
      }),
  };
}
