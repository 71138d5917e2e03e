import type { ISql } from 'postgres';
import type { Database } from './database';

/** Until when whoever waits for a job has said that they do; null for nobody. */
export function watchedUntil(sql: ISql, forMs: number | null) {
  return sql`now() + ${forMs}::integer * interval '1 ms'`;
}

export async function extendWatch({ sql }: Database, jobId: string, forMs: number): Promise<void> {
  await sql`update agent_jobs set attended_until = ${watchedUntil(sql, forMs)} where id = ${jobId}`;
}

/**
 * Of what nobody waits for any more, because its control plane has gone: what runs is to end, everything else goes,
 * with its order and all that was said of it. Answers what is to end.
 */
export function endUnwatched(sql: ISql): Promise<{ id: string }[]> {
  return sql<{ id: string }[]>`
    with unattended as materialized (
      select id, state from agent_jobs where attended_until < now() for update skip locked
    ), gone as (
      delete from agent_jobs j using unattended u where j.id = u.id and u.state <> 'leased'
    )
    update agent_jobs j set desired = 'cancel'
    from unattended u where j.id = u.id and u.state = 'leased' and j.desired = 'run'
    returning j.id`;
}
