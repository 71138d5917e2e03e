import type { Fragment, ISql } from 'postgres';
import type { EnvironmentOrder, Job } from '../../model/job';
import type { StepSpec } from '../../model/step-spec';
import type { Database } from './database';
import { newId } from './new-id';

const mostLookedAt = 64;

/** Of the agents that wait, those that a job waits for, in the order of the jobs. */
export async function claimableSteps(
  { sql }: Database,
  waiting: readonly string[],
  offlineAfterMs: number,
): Promise<string[]> {
  if (waiting.length === 0) return [];
  const jobs = await sql<{ agentId: string | null; tags: string[] }[]>`
    select e.agent_id as "agentId", to_jsonb(e.tags) as tags from agent_jobs j join agent_environments e using (execution_id)
    where j.state = 'queued' and j.kind = 'step' and e.lost_at is null
      and (e.agent_id is null or e.agent_id = any(${[...waiting]}::text[]))
    order by j.created_at, j.id
    limit ${mostLookedAt}`;
  if (jobs.length === 0) return [];
  const agents = await sql<{ id: string; tags: string[]; isDraining: boolean }[]>`
    select a.id, to_jsonb(a.tags) as tags, drained_at is not null as "isDraining" from agents a
    where a.id = any(${[...waiting]}::text[]) and ${isHeard(sql, offlineAfterMs)}`;
  // Whoever has waited longest comes first.
  const left = waiting.flatMap((id) => agents.find((agent) => agent.id === id) ?? []);
  const chosen: string[] = [];
  for (const job of jobs) {
    const index = left.findIndex((agent) =>
      job.agentId === null
        ? !agent.isDraining && job.tags.every((tag) => agent.tags.includes(tag))
        : agent.id === job.agentId,
    );
    for (const agent of index < 0 ? [] : left.splice(index, 1)) chosen.push(agent.id);
  }
  return chosen;
}

export async function claimableControl(
  { sql }: Database,
  waiting: readonly string[],
  offlineAfterMs: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select distinct a.id from agent_jobs j join agents a on a.id = j.agent_id
    where j.state = 'queued' and j.kind <> 'step' and a.id = any(${[...waiting]}::text[])
      and ${isHeard(sql, offlineAfterMs)}`;
  return rows.map(({ id }) => id);
}

interface Times {
  leaseMs: number;
  offlineAfterMs: number;
}

/** Holds for the row `a` of agents: a plain client has no heartbeat. */
function isHeard(sql: ISql, offlineAfterMs: number): Fragment {
  return sql`(a.instance is null or a.last_seen_at > now() - ${offlineAfterMs}::integer * interval '1 ms')`;
}

interface StepRow {
  id: string;
  attempt: number;
  leaseToken: string;
  delivery: number;
  mustAdopt: boolean;
  wasBegun: boolean;
  stdout: number;
  stderr: number;
  ackedSeq: number;
  desired: 'run' | 'stop' | 'cancel';
  graceMs: number;
  environment: EnvironmentOrder;
  spec: StepSpec;
}

/**
 * The oldest step that the agent may take, leased to it; its execution's environment is the agent's from then on.
 * The environment's row is locked too: two agents never take two steps of one execution.
 */
export async function claimStep(
  { sql }: Database,
  agentId: string,
  claimId: string | null,
  { leaseMs, offlineAfterMs }: Times,
): Promise<Job | null> {
  const [row] = await sql<StepRow[]>`
    with known as materialized (
      select id from agent_jobs
      where claim_id = ${claimId} and agent_id = ${agentId} and state = 'leased' and lease_until > now()
    ), able as materialized (
      select a.id, a.tags, a.drained_at from agents a join tokens t on t.id = a.token_id
      where a.id = ${agentId} and t.revoked_at is null and ${isHeard(sql, offlineAfterMs)}
    ), free as materialized (
      select j.id, j.execution_id
      from agent_jobs j join agent_environments e using (execution_id), able a
      where j.state = 'queued' and j.kind = 'step' and e.lost_at is null
        and (e.agent_id = a.id or (e.agent_id is null and a.drained_at is null and e.tags <@ a.tags))
        and not exists (select from known)
      order by j.created_at, j.id
      limit 1
      for update of j, e skip locked
    ), bound as (
      update agent_environments e set agent_id = ${agentId}
      from free where e.execution_id = free.execution_id and e.agent_id is null
    ), leased as (
      update agent_jobs j set state = 'leased', agent_id = ${agentId}, lease_token = ${newId()},
        lease_until = now() + ${leaseMs}::integer * interval '1 ms', claim_id = ${claimId},
        deliveries = deliveries + 1, holders = array_append(holders, ${agentId})
      from free where j.id = free.id
      returning j.*
    ), taken as (
      select * from leased
      union all
      select * from agent_jobs where id in (select id from known)
    )
    select j.id, j.attempt, j.lease_token as "leaseToken", j.deliveries as delivery,
      j.running_at is not null as "wasBegun", j.stdout_lines - j.stdout_base as stdout,
      j.stderr_lines - j.stderr_base as stderr, j.log_seq as "ackedSeq", j.desired, j.grace_ms as "graceMs",
      e.environment, j.spec,
      j.deliveries > 1 and j.running_at is not null and (j.stays_up or exists (
        select from agent_jobs s
        where s.execution_id = j.execution_id and s.stays_up and s.running_at is not null and s.state <> 'done'
      )) as "mustAdopt"
    from taken j join agent_environments e using (execution_id)`;
  if (!row) return null;
  const { wasBegun, stdout, stderr, ...job } = row;
  return { kind: 'step', ...job, leaseMs, resumeAfter: wasBegun ? { stdout, stderr } : null };
}

/** The oldest order for this very agent. */
export async function claimControl(
  { sql }: Database,
  agentId: string,
  claimId: string | null,
  { leaseMs, offlineAfterMs }: Times,
): Promise<Job | null> {
  const [row] = await sql<
    { id: string; kind: 'close' | 'list'; executionId: string | null; leaseToken: string }[]
  >`
    with known as materialized (
      select id from agent_jobs
      where claim_id = ${claimId} and agent_id = ${agentId} and state = 'leased' and lease_until > now()
    ), free as materialized (
      select id from agent_jobs
      where state = 'queued' and kind <> 'step' and agent_id = ${agentId} and not exists (select from known)
        and exists (select from agents a where a.id = ${agentId} and ${isHeard(sql, offlineAfterMs)})
      order by created_at, id
      limit 1
      for update skip locked
    ), leased as (
      update agent_jobs j set state = 'leased', lease_token = ${newId()}, claim_id = ${claimId},
        lease_until = now() + ${leaseMs}::integer * interval '1 ms',
        deliveries = deliveries + 1, holders = array_append(holders, ${agentId})
      from free where j.id = free.id
      returning j.*
    )
    select id, kind, execution_id as "executionId", lease_token as "leaseToken" from leased
    union all
    select id, kind, execution_id, lease_token from agent_jobs where id in (select id from known)`;
  if (!row) return null;
  const { id, kind, executionId, leaseToken } = row;
  return kind === 'list'
    ? { kind, id, leaseToken, leaseMs }
    : { kind, id, leaseToken, leaseMs, executionId: executionId ?? '' };
}
