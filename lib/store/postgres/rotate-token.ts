import type { Fragment, ISql, Sql } from 'postgres';
import { AppError } from '../../model/errors';
import type { RotatedToken } from '../token-store';
import { newId } from './new-id';
import { tokenFragments } from './token-rows';

export interface Rotation {
  id: string;
  hash: string;
  overlapMs: number;
  madeBy: string;
}

/** Puts a token of another text in the place of a good one, which ends after `overlapMs`. Null when it is not good. */
export async function rotateToken(
  sql: Sql,
  { id, hash, overlapMs, madeBy }: Rotation,
): Promise<RotatedToken | null> {
  const { withPerson, isGood } = tokenFragments(sql);
  return sql.begin(async (transaction) => {
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
}

/** The id of the newest valid token that a rotation, or several, put in the place of the one with this id; or null. */
export function validSuccessor(sql: ISql, id: Fragment): Fragment {
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
