import { and, count, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { tokens } from '../../../drizzle/tokens';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { TokenSummary } from '../../model/token';
import type { Token, TokenStore } from '../store';
import type { Database } from './database';
import { gather } from './gather';
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

/** Tokens that are remembered for who looks again; when there are more, all are read anew. */
const mostKnown = 10_000;

export function createTokenStore(
  { clock }: { clock: Pick<Clock, 'monotonicMs'> },
  { sql: handWritten, tables }: Database,
): TokenStore {
  const known = new Map<string, { token: Token; readAtMs: number }>();
  // Asked for every request, so as a prepared statement.
  const find = gather<Token>(async (hashes) => {
    const rows = await handWritten<(Token & { hash: string; isUnnoted: boolean })[]>`
      select hash, id, kind, name, role, expires_at as "expiresAt",
        last_used_at is null or last_used_at < now() - interval '1 minute' as "isUnnoted"
      from tokens
      where hash = any(${hashes}::text[]) and revoked_at is null and (expires_at is null or expires_at > now())`;
    const unnoted = rows.filter(({ isUnnoted }) => isUnnoted).map(({ id }) => id);
    if (unnoted.length > 0) {
      await handWritten`update tokens set last_used_at = now() where id = any(${unnoted}::text[])`;
    }
    return new Map(rows.map(({ hash, isUnnoted, ...token }) => [hash, token]));
  });

  async function findAndKeep(hash: string): Promise<Token | null> {
    const readAtMs = clock.monotonicMs();
    const token = await find(hash);
    if (known.size >= mostKnown) known.clear();
    if (token) known.set(hash, { token, readAtMs });
    else known.delete(hash);
    return token;
  }

  return {
    add: (token, hash) =>
      reachable(async () => {
        const { madeBy, madeFrom, ...known } = token;
        const added: Token = { ...known, id: newId() };
        const rows = await tables
          .insert(tokens)
          .values({ ...added, hash, madeBy, madeFrom })
          .onConflictDoNothing({ target: tokens.hash })
          .returning({ id: tokens.id });
        if (rows.length > 0) return added;
        throw new AppError('conflict', 'There is a token with this text, or there was one that is revoked.');
      }),
    find: async (hash, maxAgeMs = 0) => {
      const last = known.get(hash);
      if (last && clock.monotonicMs() - last.readAtMs < maxAgeMs) return last.token;
      return reachable(() => (maxAgeMs > 0 ? findAndKeep(hash) : find(hash)));
    },
    consume: (hash, kind) =>
      reachable(async () => {
        const [row] = await tables
          .delete(tokens)
          .where(and(eq(tokens.hash, hash), eq(tokens.kind, kind), isValid))
          .returning(fields);
        return row ?? null;
      }),
    revoke: (id, kind) =>
      reachable(async () => {
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
    list: () =>
      reachable(
        () => handWritten<TokenSummary[]>`
          select id, kind, name, role, created_at as "createdAt", made_by as "madeBy", expires_at as "expiresAt",
            last_used_at as "lastUsedAt"
          from tokens where kind in ('api', 'agent') and revoked_at is null
          order by created_at desc, id`,
      ),
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
