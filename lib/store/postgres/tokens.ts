import { and, count, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Fragment, ISql } from 'postgres';
import { tokens } from '../../../drizzle/tokens';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { SessionSummary } from '../../model/session';
import type { TokenSummary } from '../../model/token';
import type { Token, TokenStore } from '../store';
import type { RotatedToken, SessionFilter } from '../token-store';
import { batchLoads } from './batch-loader';
import { type Database, jsonValue } from './database';
import { newId } from './new-id';
import { translateErrors } from './translate-errors';

/** Neither revoked nor expired, by the database's clock. */
const isValid = and(isNull(tokens.revokedAt), or(isNull(tokens.expiresAt), gt(tokens.expiresAt, sql`now()`)));

type TokenRow = Omit<Token, 'userId' | 'suites' | 'groups' | 'madeFrom' | 'provenMsAgo'> & {
  userId: string | null;
  suites: string[] | null;
  groups?: string[] | null;
  madeFrom?: string | null;
  provenMsAgo?: number | null;
};

const toToken = ({ userId, suites, groups, madeFrom, provenMsAgo, ...token }: TokenRow): Token => ({
  ...token,
  ...(userId === null ? {} : { userId }),
  ...(suites === null ? {} : { suites }),
  ...(groups && groups.length > 0 ? { groups } : {}),
  ...(madeFrom ? { madeFrom } : {}),
  ...(provenMsAgo == null ? {} : { provenMsAgo }),
});

/** Tokens that are remembered for who looks again; when there are more, all are read anew. */
const maxKnown = 10_000;

export function createTokenStore(
  { clock, onGrantsCopied }: { clock: Pick<Clock, 'monotonicMs'>; onGrantsCopied(): void },
  { sql: handWritten, tables }: Database,
): TokenStore {
  const known = new Map<string, { token: Token; readAtMs: number }>();
  /** Holds for the row `t` of tokens with its person `u`, if it has one, while it is good. */
  const isGood = handWritten`(t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
    and u.disabled_at is null and (t.idle_seconds is null
      or coalesce(t.last_used_at, t.created_at) > now() - t.idle_seconds * interval '1 second'))`;
  const provenMsAgo = handWritten`case when t.kind <> 'session' then null
    when t.proven_at <= 'epoch' then 'infinity'::float8
    else (extract(epoch from now() - coalesce(t.proven_at, t.created_at)) * 1000)::float8 end`;
  const withPerson = handWritten`tokens t left join users u on u.id = t.user_id`;
  // Asked for every request, so as a prepared statement.
  const find = batchLoads<Token>(async (hashes) => {
    const rows = await handWritten<(TokenRow & { hash: string; isUnnoted: boolean })[]>`
      select t.hash, t.id, t.kind, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role,
        t.expires_at as "expiresAt", t.user_id as "userId", t.suites, u.groups,
        t.made_from as "madeFrom", ${provenMsAgo} as "provenMsAgo",
        t.last_used_at is null or t.last_used_at < now() - interval '1 minute' as "isUnnoted"
      from ${withPerson} where t.hash = any(${hashes}::text[]) and ${isGood}`;
    const unnoted = rows.filter(({ isUnnoted }) => isUnnoted).map(({ id }) => id);
    if (unnoted.length > 0) {
      await handWritten`update tokens set last_used_at = now() where id = any(${unnoted}::text[])`;
    }
    return new Map(rows.map(({ hash, isUnnoted, ...token }) => [hash, toToken(token)]));
  });

  async function findAndKeep(hash: string): Promise<Token | null> {
    const readAtMs = clock.monotonicMs();
    const token = await find(hash);
    if (known.size >= maxKnown) known.clear();
    if (token) known.set(hash, { token, readAtMs });
    else known.delete(hash);
    return token;
  }

  const rotate: TokenStore['rotate'] = async (id, hash, overlapMs, madeBy) => {
    const made = await handWritten.begin(async (transaction) => {
      // By itself, so that what follows sees the successor that somebody else has made meanwhile.
      await transaction`select from tokens where id = ${id} for update`;
      const [later] = await transaction<{ id: string | null }[]>`
        select ${validSuccessor(transaction, transaction`t.id`)} as id from ${withPerson} where t.id = ${id} and ${isGood}`;
      if (later && later.id !== null) {
        throw new AppError(
          'conflict',
          `The token ${id} was rotated already: the token ${later.id} is in its place. Rotate that one, or revoke it first.`,
        );
      }
      const [added] = await transaction<RotatedToken[]>`
        with former as (
          select t.*, coalesce(t.family, t.id) as first from ${withPerson}
          where t.id = ${id} and t.kind in ('api', 'agent') and ${isGood}
        ), whole as (
          -- A rotation cuts off the life of the former one: only those that have no successor have the whole.
          select t.expires_at - t.created_at as lifetime from tokens t, former
          where (t.id = former.first or t.family = former.first)
            and not exists (select from tokens later where later.replaces = t.id)
          limit 1
        ), added as (
          insert into tokens (id, kind, name, role, suites, hash, made_by, expires_at, replaces, family)
          select ${newId()}, kind, name, role, suites, ${hash}, ${madeBy}, now() + lifetime, id, first
          from former, whole
          returning id, name, role, suites, expires_at
        ), ending as (
          update tokens set expires_at =
            least(tokens.expires_at, now() + ${overlapMs}::float8 * interval '1 millisecond')
          from former where (tokens.id = former.id or tokens.made_from = former.id) and tokens.revoked_at is null
          returning tokens.id, tokens.expires_at
        ), copied as (
          insert into suite_grants (id, grantee_kind, grantee_id, suites, rights, made_by)
          select left(md5(added.id || g.id), 16), 'token', added.id, g.suites, g.rights, g.made_by
          from added, suite_grants g where g.grantee_kind = 'token' and g.grantee_id = ${id}
        )
        select added.id, added.name, added.role, added.suites, added.expires_at as "expiresAt",
          ending.expires_at as "formerExpiresAt"
        from added, ending where ending.id = ${id}`;
      return added ?? null;
    });
    onGrantsCopied();
    return made;
  };

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
    find: async (hash, kinds, maxAgeMs = 0) => {
      const last = known.get(hash);
      const isFresh = last && clock.monotonicMs() - last.readAtMs < maxAgeMs;
      const token = isFresh
        ? last.token
        : await translateErrors(() => (maxAgeMs > 0 ? findAndKeep(hash) : find(hash)));
      const kind = kinds.find((each) => each === token?.kind);
      return token && kind ? { ...token, kind } : null;
    },
    stillValid: (ids) =>
      translateErrors(async () => {
        const rows = await handWritten<TokenRow[]>`
          select t.id, t.kind, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role,
            t.expires_at as "expiresAt", t.user_id as "userId", t.suites, u.groups, t.made_from as "madeFrom"
          from ${withPerson} where t.id = any(${[...ids]}::text[]) and ${isGood}`;
        return new Map(rows.map((row) => [row.id, toToken(row)]));
      }),
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
    rotate: (id, hash, overlapMs, madeBy) => translateErrors(() => rotate(id, hash, overlapMs, madeBy)),
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
    sessions: (filter, currentId) =>
      translateErrors(
        () => handWritten<SessionSummary[]>`
          select t.id, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role, t.user_id as "userId",
            t.created_at as "createdAt", coalesce(t.last_used_at, t.created_at) as "lastSeenAt",
            t.expires_at as "expiresAt", t.address, t.user_agent as "userAgent",
            t.id is not distinct from ${currentId}::text as current
          from ${withPerson} where ${isSessionOf(filter)} and ${isGood}
          order by coalesce(t.last_used_at, t.created_at) desc, t.id limit 1000`,
      ),
    endSessions: (filter, exceptId = null) =>
      translateErrors(async () => {
        const rows = await handWritten<{ id: string }[]>`
          update tokens t set revoked_at = now()
          where ${isSessionOf(filter)} and t.revoked_at is null and t.id is distinct from ${exceptId}::text
          returning t.id`;
        return rows.map(({ id }) => id);
      }),
    endSessionAfter: (id, delayMs) =>
      translateErrors(async () => {
        await handWritten`update tokens
          set expires_at = least(expires_at, now() + ${delayMs}::float8 * interval '1 millisecond')
          where id = ${id} and kind = 'session'`;
      }),
    prove: (id) =>
      translateErrors(async () => {
        await handWritten`update tokens set proven_at = now() where id = ${id} and kind = 'session'`;
      }),
    dropInvitations: (userId) =>
      translateErrors(async () => {
        await handWritten`delete from tokens where kind = 'invitation' and user_id = ${userId}`;
      }),
  };

  /** Holds for the row `t` of tokens. Sessions without a person belong to the API token that they were begun with. */
  function isSessionOf(filter: SessionFilter) {
    const isSession = handWritten`t.kind = 'session'`;
    if (filter === 'all') return isSession;
    if ('userId' in filter) return handWritten`(${isSession} and t.user_id = ${filter.userId})`;
    const id = filter.callerTokenId;
    return handWritten`(${isSession} and exists (select from tokens c where c.id = ${id} and (
      t.id = c.id or t.user_id = c.user_id or (t.user_id is null and t.made_from in (c.id, c.made_from)))))`;
  }
}

/** The id of the newest valid token that a rotation, or several, put in the place of the one with this id; or null. */
function validSuccessor(sql: ISql, id: Fragment): Fragment {
  return sql`(
    with recursive later as (
      select made.* from tokens made where made.replaces = ${id}
      union select made.* from tokens made join later on made.replaces = later.id
    )
    select later.id from later
    where later.revoked_at is null and (later.expires_at is null or later.expires_at > now())
    order by later.created_at desc limit 1
  )`;
}
