import type { ClaimedExecution } from '../store';
import { claimed, claimRows } from './claims';
import type { Database } from './database';

/** Held while executions with a group are claimed: what two control planes see of a group must not differ. */
const claimLock = 7_301_944_202;

export async function hasGroupedInQueue({ sql }: Pick<Database, 'sql'>): Promise<boolean> {
  const rows = await sql`
    select from executions
    where concurrency_group is not null and status in ('queued', 'running') and status = 'queued' limit 1`;
  return rows.length > 0;
}

/** Claims executions as `claimExecutions` does, and never more of a group than its limit. */
export function claimGrouped(
  { sql }: Pick<Database, 'sql'>,
  owner: string,
  leaseMs: number,
  limit: number,
): Promise<ClaimedExecution[]> {
  return sql.begin(async (transaction) => {
    // A statement of its own, so that the next one sees what the holder before has committed.
    await transaction`select pg_advisory_xact_lock(${claimLock}::bigint)`;
    const mayRun = transaction`
      concurrency_group is null or status = 'running' or id in (
        select ranked.id from (
          select id, concurrency_group, concurrency_max,
            row_number() over (partition by concurrency_group order by created_at, id) as place
          from executions
          where concurrency_group is not null and status = 'queued' and cancel_requested_at is null
            and (lease_until is null or lease_until < now())
        ) ranked left join (
          select concurrency_group, count(*) as held from executions
          where concurrency_group is not null and (
            status = 'running' or (status = 'queued' and cancel_requested_at is null and lease_until >= now())
          )
          group by concurrency_group
        ) holders using (concurrency_group)
        where coalesce(held, 0) + place <= concurrency_max
      )`;
    return claimed(owner, await claimRows(transaction, owner, leaseMs, limit, mayRun));
  });
}

/** Finds the older executions of a group that the newest one cancels, if it is set to. */
export async function findSuperseded({ sql }: Pick<Database, 'sql'>): Promise<{ id: string; by: string }[]> {
  const rows = await sql<{ id: string; by: string }[]>`
    with newest as (
      select distinct on (concurrency_group) concurrency_group, id, created_at, concurrency_max
      from executions
      where concurrency_group is not null and status in ('queued', 'running') and status = 'queued'
        and concurrency_cancels and cancel_requested_at is null
      order by concurrency_group, created_at desc, id desc
    ), older as (
      select executions.id, newest.id as by, newest.concurrency_max,
        row_number() over (
          partition by executions.concurrency_group order by executions.created_at desc, executions.id desc
        ) as place
      from executions join newest using (concurrency_group)
      where executions.status in ('queued', 'running') and cancel_requested_at is null
        and (executions.created_at, executions.id) < (newest.created_at, newest.id)
    )
    select id, by from older where place >= concurrency_max`;
  return [...rows];
}
