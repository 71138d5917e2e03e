import type { ISql } from 'postgres';
import type { Clock } from '../../clock';
import type { Token, TokenStore } from '../store';
import { batchLoads } from './batch-loader';
import { type TokenRow, tokenFragments, toToken } from './token-rows';
import { translateErrors } from './translate-errors';

/** Tokens that are remembered for who looks again; when there are more, all are read anew. */
const maxKnown = 10_000;

/** Reads the tokens that are good: those that callers show, whose use it notes, and those of callers who are connected. */
export function createTokenReader({
  clock,
  sql,
}: {
  clock: Pick<Clock, 'monotonicMs'>;
  sql: ISql;
}): Pick<TokenStore, 'find' | 'stillValid'> {
  const known = new Map<string, { token: Token; readAtMs: number }>();
  const { withPerson, isGood } = tokenFragments(sql);
  const provenMsAgo = sql`case when t.kind <> 'session' then null
    when t.proven_at <= 'epoch' then 'infinity'::float8
    else (extract(epoch from now() - coalesce(t.proven_at, t.created_at)) * 1000)::float8 end`;
  // Asked for every request, so as a prepared statement.
  const load = batchLoads<Token>(async (hashes) => {
    const rows = await sql<(TokenRow & { hash: string; isUnnoted: boolean })[]>`
      select t.hash, t.id, t.kind, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role,
        t.expires_at as "expiresAt", t.user_id as "userId", t.suites, u.groups,
        t.made_from as "madeFrom", ${provenMsAgo} as "provenMsAgo",
        t.last_used_at is null or t.last_used_at < now() - interval '1 minute' as "isUnnoted"
      from ${withPerson} where t.hash = any(${hashes}::text[]) and ${isGood}`;
    const unnoted = rows.filter(({ isUnnoted }) => isUnnoted).map(({ id }) => id);
    if (unnoted.length > 0) {
      await sql`update tokens set last_used_at = now() where id = any(${unnoted}::text[])`;
    }
    return new Map(rows.map(({ hash, isUnnoted, ...token }) => [hash, toToken(token)]));
  });

  async function findAndKeep(hash: string): Promise<Token | null> {
    const readAtMs = clock.monotonicMs();
    const token = await load(hash);
    if (known.size >= maxKnown) known.clear();
    if (token) known.set(hash, { token, readAtMs });
    else known.delete(hash);
    return token;
  }

  return {
    find: async (hash, kinds, maxAgeMs = 0) => {
      const last = known.get(hash);
      const isFresh = last && clock.monotonicMs() - last.readAtMs < maxAgeMs;
      const token = isFresh
        ? last.token
        : await translateErrors(() => (maxAgeMs > 0 ? findAndKeep(hash) : load(hash)));
      const kind = kinds.find((each) => each === token?.kind);
      return token && kind ? { ...token, kind } : null;
    },
    stillValid: (ids) =>
      translateErrors(async () => {
        const rows = await sql<TokenRow[]>`
          select t.id, t.kind, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role,
            t.expires_at as "expiresAt", t.user_id as "userId", t.suites, u.groups, t.made_from as "madeFrom"
          from ${withPerson} where t.id = any(${[...ids]}::text[]) and ${isGood}`;
        return new Map(rows.map((row) => [row.id, toToken(row)]));
      }),
  };
}
