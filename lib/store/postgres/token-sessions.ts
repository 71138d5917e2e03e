import type { ISql } from 'postgres';
import type { SessionSummary } from '../../model/session';
import type { TokenStore } from '../store';
import type { SessionFilter } from '../token-store';
import { tokenFragments } from './token-rows';
import { translateErrors } from './translate-errors';

/** Lists and ends the sessions among the tokens, and notes that a person has proven who they are in one. */
export function createSessions(
  sql: ISql,
): Pick<TokenStore, 'sessions' | 'endSessions' | 'endSessionAfter' | 'prove'> {
  const { withPerson, isGood } = tokenFragments(sql);
  return {
    sessions: (filter, currentId) =>
      translateErrors(
        () => sql<SessionSummary[]>`
          select t.id, coalesce(u.name, t.name) as name, coalesce(u.role, t.role) as role, t.user_id as "userId",
            t.created_at as "createdAt", coalesce(t.last_used_at, t.created_at) as "lastSeenAt",
            t.expires_at as "expiresAt", t.address, t.user_agent as "userAgent",
            t.id is not distinct from ${currentId}::text as current
          from ${withPerson} where ${isSessionOf(filter)} and ${isGood}
          order by coalesce(t.last_used_at, t.created_at) desc, t.id limit 1000`,
      ),
    endSessions: (filter, exceptId = null) =>
      translateErrors(async () => {
        const rows = await sql<{ id: string }[]>`
          update tokens t set revoked_at = now()
          where ${isSessionOf(filter)} and t.revoked_at is null and t.id is distinct from ${exceptId}::text
          returning t.id`;
        return rows.map(({ id }) => id);
      }),
    endSessionAfter: (id, delayMs) =>
      translateErrors(async () => {
        await sql`update tokens
          set expires_at = least(expires_at, now() + ${delayMs}::float8 * interval '1 millisecond')
          where id = ${id} and kind = 'session'`;
      }),
    prove: (id) =>
      translateErrors(async () => {
        await sql`update tokens set proven_at = now() where id = ${id} and kind = 'session'`;
      }),
  };

  /** Holds for the row `t` of tokens. Sessions without a person belong to the API token that they were begun with. */
  function isSessionOf(filter: SessionFilter) {
    const isSession = sql`t.kind = 'session'`;
    if (filter === 'all') return isSession;
    if ('userId' in filter) return sql`(${isSession} and t.user_id = ${filter.userId})`;
    const id = filter.callerTokenId;
    return sql`(${isSession} and exists (select from tokens c where c.id = ${id} and (
      t.id = c.id or t.user_id = c.user_id or (t.user_id is null and t.made_from in (c.id, c.made_from)))))`;
  }
}
