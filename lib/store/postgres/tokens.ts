import { and, count, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { tokens } from '../../../drizzle/tokens';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { TokenSummary } from '../../model/token';
import type { Token, TokenStore } from '../store';
import { type Database, jsonValue } from './database';
import { newId } from './new-id';
import { rotateToken, validSuccessor } from './rotate-token';
import { createTokenReader } from './token-reader';
import { type TokenRow, tokenFragments, toToken } from './token-rows';
import { createSessions } from './token-sessions';
import { translateErrors } from './translate-errors';

/** Neither revoked nor expired, by the database's clock. */
const isValid = and(isNull(tokens.revokedAt), or(isNull(tokens.expiresAt), gt(tokens.expiresAt, sql`now()`)));

export function createTokenStore(
  { clock, onGrantsCopied }: { clock: Pick<Clock, 'monotonicMs'>; onGrantsCopied(): void },
  { sql: handWritten, tables }: Database,
): TokenStore {
  const { withPerson, isGood } = tokenFragments(handWritten);
  return {
    add: (token, hash) =>
      translateErrors(async () => {
        const { madeBy, session, ...known } = token;
        const added: Token = { ...known, id: newId() };
        const rows = await tables
          .insert(tokens)
          .values({
            ...added,
            ...session,
            hash,
            madeBy,
            suites: added.suites && jsonValue(added.suites),
          })
          .onConflictDoNothing({ target: tokens.hash })
          .returning({ id: tokens.id });
        if (rows.length > 0) return added;
        throw new AppError('conflict', 'There is a token with this text, or there was one that is revoked.');
      }),
    ...createTokenReader({ clock, sql: handWritten }),
    inPlaceOf: (id) =>
      translateErrors(async () => {
        const [row] = await handWritten<TokenRow[]>`
          with recursive line as (
            select id, 0 as depth from tokens where id = ${id}
            union all select t.id, depth + 1 from tokens t join line on t.replaces = line.id
          )
          select t.id, kind, name, role, expires_at as "expiresAt", user_id as "userId", suites
          from tokens t join line on line.id = t.id
          where kind = 'api' and revoked_at is null
            and (expires_at is null or expires_at > now()
              or not exists (select from tokens later where later.replaces = t.id))
          order by depth desc, created_at desc limit 1`;
        return row ? toToken(row) : null;
      }),
    consume: (hash, kind) =>
      translateErrors(async () => {
        const [row] = await handWritten<TokenRow[]>`
          delete from tokens where id in (
            select t.id from ${withPerson} where t.hash = ${hash} and t.kind = ${kind} and ${isGood} for update of t)
          returning id, kind, name, role, expires_at as "expiresAt", user_id as "userId", suites`;
        return row ? toToken(row) : null;
      }),
    revoke: (id, kind) =>
      translateErrors(async () => {
        const rows = await tables
          .update(tokens)
          .set({ revokedAt: sql`now()` })
          .where(
            and(
              or(eq(tokens.id, id), eq(tokens.madeFrom, id)),
              isNull(tokens.revokedAt),
              kind && eq(tokens.kind, kind),
            ),
          )
          .returning({ id: tokens.id });
        return rows.some((row) => row.id === id);
      }),
    rotate: (id, hash, overlapMs, madeBy) =>
      translateErrors(async () => {
        const made = await rotateToken(handWritten, { id, hash, overlapMs, madeBy });
        onGrantsCopied();
        return made;
      }),
    list: () =>
      translateErrors(
        () => handWritten<TokenSummary[]>`
          select id, kind, name, role, suites, created_at as "createdAt", made_by as "madeBy", expires_at as "expiresAt",
            last_used_at as "lastUsedAt", ${validSuccessor(handWritten, handWritten`tokens.id`)} as "replacedBy"
          from tokens where kind in ('api', 'agent') and revoked_at is null
          order by created_at desc, id`,
      ),
    count: (kind) =>
      translateErrors(async () => {
        const [row] = await tables
          .select({ number: count() })
          .from(tokens)
          .where(and(eq(tokens.kind, kind), isValid));
        return row?.number ?? 0;
      }),
    ...createSessions(handWritten),
    dropInvitations: (userId) =>
      translateErrors(async () => {
        await handWritten`delete from tokens where kind = 'invitation' and user_id = ${userId}`;
      }),
  };
}
