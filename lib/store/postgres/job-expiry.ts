import type { ISql } from 'postgres';
import type { Database } from './database';
import { endUnwatched } from './ephemeral-jobs';

interface Limits {
  maxDeliveries: number;
  offlineAfterMs: number;
}

/** Answers the jobs that changed. One transaction: several control planes may do it at the same time. */
export async function expireJobs(
  { sql }: Database,
  { maxDeliveries, offlineAfterMs }: Limits,
): Promise<string[]> {
  return sql.begin(async (transaction) => {
    const expired = await giveBackExpired(transaction, maxDeliveries);
    await loseEnvironments(transaction, offlineAfterMs);
    const lost = await endLost(transaction);
    const unattended = await endUnwatched(transaction);
    await transaction`delete from agent_jobs where state = 'done' and finished_at < now() - interval '1 hour'`;
    return [...expired, ...lost, ...unattended].map(({ id }) => id);
  });
}

/** Ends expired jobs that were to end anyway or had all their deliveries; the others return to the queue. */
function giveBackExpired(sql: ISql, maxDeliveries: number): Promise<{ id: string }[]> {
  return sql<{ id: string }[]>`
    with expired as materialized (
      select id, agent_id, deliveries, kind, kind <> 'step' or desired <> 'run' or deliveries >= ${maxDeliveries} as is_over
      from agent_jobs where state = 'leased' and lease_until < now()
      for update skip locked
    )
    update agent_jobs j set
      state = case when is_over then 'done' else 'queued' end,
      finished_at = case when is_over then now() end,
      result = case when is_over then ${agentLost(
        sql,
        sql`
        'agent ' || expired.agent_id || ' was not heard of in time'
        || case when j.deliveries >= ${maxDeliveries} then ', for the ' || j.deliveries || '. time' else '' end`,
      )} end,
      lease_until = null, claim_id = null
    from expired where j.id = expired.id
    returning j.id`;
}

/**
 * An agent that is offline, and holds no lease of an execution any more, keeps its environment when services ran in
 * it: it is lost with the agent. Others are free for another agent.
 */
async function loseEnvironments(sql: ISql, offlineAfterMs: number): Promise<void> {
  await sql`
    with waiting as materialized (
      select distinct execution_id from agent_jobs where state = 'queued' and kind = 'step'
    ), stranded as materialized (
      select e.execution_id, exists (
        select from agent_jobs s
        where s.execution_id = e.execution_id and s.stays_up and s.running_at is not null
          and (s.state <> 'done' or s.result->'failure'->>'code' = 'agent_lost')
      ) as had_services
      from waiting join agent_environments e using (execution_id) left join agents a on a.id = e.agent_id
      where e.agent_id is not null and e.lost_at is null
        and coalesce(a.last_seen_at, '-infinity') < now() - ${offlineAfterMs}::integer * interval '1 ms'
        and not exists (
          select from agent_jobs l where l.execution_id = e.execution_id and l.kind = 'step' and l.state = 'leased'
        )
    )
    update agent_environments e set
      agent_id = case when had_services then e.agent_id end,
      lost_at = case when had_services then now() end
    from stranded where e.execution_id = stranded.execution_id`;
}

/** Nothing of a lost environment is run any more. */
function endLost(sql: ISql): Promise<{ id: string }[]> {
  return sql<{ id: string }[]>`
    update agent_jobs j set state = 'done', finished_at = now(), result = ${agentLost(
      sql,
      sql`'the services of this execution are gone with agent ' || e.agent_id`,
    )}
    from agent_environments e
    where e.execution_id = j.execution_id and e.lost_at is not null and j.state = 'queued' and j.kind = 'step'
    returning j.id`;
}

/** The result of what is gone with its agent. */
export function agentLost(sql: ISql, sentence: ReturnType<ISql>) {
  return sql`
    jsonb_build_object('failure', jsonb_build_object('code', 'agent_lost', 'message', 'agent lost: ' || (${sentence})))`;
}
