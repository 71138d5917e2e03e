import type { Fragment, ISql } from 'postgres';
import type { EnvironmentOrder, Job } from '../../model/job';
import type { StepSpec } from '../../model/step-spec';
import type { ClaimTimes, JobClaim } from '../agent-store';
import type { Assignment, WaitingStep } from './assign-steps';
import { type ClaimingAgent, claimingAgents, isOnline, isTokenValid } from './claiming-agents';
import { newId } from './new-id';

/** The claiming agents and the queued steps that they may take. */
export interface ClaimableJobs {
  agents: ReadonlyMap<string, ClaimingAgent>;
  steps: WaitingStep[];
}

/** Claims that come together are mostly so few. */
const fewClaims = 32;
/** A claim that is sent again, because its answer was lost, gets the same job. */
export async function answerRepeatedClaims(
  sql: ISql,
  claims: readonly JobClaim[],
  { leaseMs }: ClaimTimes,
  answers: (Job | null | 'unadmitted')[],
): Promise<void> {
  const named = claims.flatMap(({ claimId }) => claimId ?? []);
  if (named.length === 0) return;
  const rows = await sql<(StepRow & { agentId: string; tokenId: string; claimId: string })[]>`
    select j.agent_id as "agentId", a.token_id as "tokenId", j.claim_id as "claimId", ${stepFields(sql)}
    from agent_jobs j join agent_environments e using (execution_id) join agents a on a.id = j.agent_id
    where j.claim_id = any(${named}::text[]) and j.state = 'leased' and j.kind = 'step' and j.lease_until > now()`;
  for (const { agentId, tokenId, claimId, ...row } of rows) {
    const index = claims.findIndex(
      (claim) => claim.claimId === claimId && claim.agentId === agentId && claim.tokenId === tokenId,
    );
    if (index >= 0) answers[index] = jobOf(row, leaseMs);
  }
}

/** Reads the claiming agents and the oldest steps that any of them may take. */
export async function findClaimable(
  sql: ISql,
  claims: readonly JobClaim[],
  times: ClaimTimes,
): Promise<ClaimableJobs> {
  const [row] = await sql<{ agents: ClaimingAgent[]; steps: WaitingStep[] }[]>`
    with known as materialized (
      ${claimingAgents(sql, claims, times)}
    ), equipped as materialized (
      select distinct tags from known where "isHeard" and not "isDraining"
    ), waiting as materialized (
      select j.id, j.execution_id as "executionId", e.agent_id as "agentId", to_jsonb(e.tags) as tags, j.created_at
      from agent_jobs j join agent_environments e using (execution_id)
      where j.state = 'queued' and j.kind = 'step' and e.lost_at is null
        and (e.agent_id in (select id from known where "isHeard")
          or (e.agent_id is null and exists (select from equipped where to_jsonb(e.tags) <@ equipped.tags)))
      order by j.created_at, j.id
      ${maxSteps(sql, claims.length)}
    )
    select (select coalesce(json_agg(known), '[]') from known) as agents,
      (select coalesce(json_agg(waiting order by created_at, id), '[]') from waiting) as steps`;
  return {
    agents: new Map(row?.agents.map((agent) => [agent.id, agent])),
    steps: row?.steps ?? [],
  };
}

/**
 * More than there are claims: some of the oldest may all be of one execution, of which an agent takes one. Written
 * into the statement, for PostgreSQL plans a limit that it does not know as a tenth of all rows, and sorts them.
 */
function maxSteps(sql: ISql, claims: number): Fragment {
  return claims <= fewClaims ? sql`limit 64` : sql`limit 512`;
}

/**
 * What can still be had of it: all that was seen is looked at again. The environment's row is locked too, and is the
 * agent's from then on: two agents never take two steps of one execution.
 */
export async function leaseJobs(
  sql: ISql,
  assigned: readonly Assignment[],
  { leaseMs, offlineAfterMs }: ClaimTimes,
): Promise<{ job: Job; index: number }[]> {
  const column = (of: (assignment: Assignment) => string) => assigned.map(of);
  const rows = await sql<(StepRow & { index: number })[]>`
    with assigned as materialized (
      select * from unnest(
        ${column(({ stepId }) => stepId)}::text[], ${column(({ agentId }) => agentId)}::text[],
        ${column(({ tokenId }) => tokenId)}::text[], ${column(({ instance }) => instance ?? '')}::text[],
        ${column(({ claimId }) => claimId ?? '')}::text[], ${column(() => newId())}::text[],
        ${assigned.map(({ index }) => index)}::integer[]
      ) as c(job_id, agent_id, token_id, instance, claim_id, lease_token, index)
    ), free as materialized (
      select j.id, j.execution_id, c.*
      from assigned c join agent_jobs j on j.id = c.job_id join agent_environments e using (execution_id)
        join agents a on a.id = c.agent_id and a.token_id = c.token_id
        join tokens t on t.id = a.token_id and ${isTokenValid(sql)}
      where j.state = 'queued' and e.lost_at is null and ${isOnline(sql, offlineAfterMs)}
        and (e.agent_id = a.id or (e.agent_id is null and a.drained_at is null and e.tags <@ a.tags))
        and (c.instance = '' or coalesce(a.instance, c.instance) = c.instance)
        and not exists (select from agent_jobs r where r.claim_id = c.claim_id and r.state = 'leased')
      for update of j, e skip locked
    ), bound as (
      update agent_environments e set agent_id = free.agent_id
      from free where e.execution_id = free.execution_id and e.agent_id is null
    ), leased as (
      update agent_jobs j set state = 'leased', agent_id = free.agent_id, lease_token = free.lease_token,
        lease_until = now() + ${leaseMs}::integer * interval '1 ms', claim_id = nullif(free.claim_id, ''),
        deliveries = deliveries + 1, holders = array_append(holders, free.agent_id)
      from free where j.id = free.id
      returning j.*, free.index
    )
    select j.index, ${stepFields(sql)} from leased j join agent_environments e using (execution_id)`;
  return rows.map(({ index, ...row }) => ({ index, job: jobOf(row, leaseMs) }));
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

/** The columns of a step's job, from the rows `j` of agent_jobs and `e` of agent_environments. */
function stepFields(sql: ISql): Fragment {
  return sql`
    j.id, j.attempt, j.lease_token as "leaseToken", j.deliveries as delivery,
    j.running_at is not null as "wasBegun", j.stdout_lines - j.stdout_base as stdout,
    j.stderr_lines - j.stderr_base as stderr, j.log_seq as "ackedSeq", j.desired, j.grace_ms as "graceMs",
    e.environment, j.spec,
    j.deliveries > 1 and j.running_at is not null and (j.stays_up or exists (
      select from agent_jobs s
      where s.execution_id = j.execution_id and s.stays_up and s.running_at is not null and s.state <> 'done'
    )) as "mustAdopt"`;
}

function jobOf({ wasBegun, stdout, stderr, ...row }: StepRow, leaseMs: number): Job {
  return { kind: 'step', ...row, leaseMs, resumeAfter: wasBegun ? { stdout, stderr } : null };
}
