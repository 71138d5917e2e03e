import type { Fragment, ISql } from 'postgres';
import type { ControlOrder, Job } from '../../model/job';
import type { ClaimTimes, JobClaim } from '../agent-store';
import { isAdmitted, isOnline, readClaimingAgents } from './claiming-agents';
import type { Database } from './database';
import { leaseMsOf } from './job-fence';
import { newId } from './new-id';

/** The oldest orders for these very agents. They are rare: each is claimed on its own, after one look for all. */
export async function claimControls(
  { sql }: Database,
  claims: readonly JobClaim[],
  times: ClaimTimes,
): Promise<(Job | null | 'unadmitted')[]> {
  const [agents, wanted] = await Promise.all([
    readClaimingAgents(sql, claims, times),
    withOrders(sql, claims, times),
  ]);
  return Promise.all(
    claims.map((claim) => {
      if (!isAdmitted(claim, agents)) return 'unadmitted';
      return wanted.has(claim.agentId) ? claimControl(sql, claim, times) : null;
    }),
  );
}

async function withOrders(
  sql: ISql,
  claims: readonly JobClaim[],
  { offlineAfterMs }: ClaimTimes,
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(claims.map(({ agentId }) => agentId))];
  const rows = await sql<{ id: string }[]>`
    select distinct a.id from agent_jobs j join agents a on a.id = j.agent_id
    where j.state = 'queued' and j.kind <> 'step' and a.id = any(${ids}::text[]) and ${isOnline(sql, offlineAfterMs)}
    union
    select j.agent_id from agent_jobs j
    where j.claim_id = any(${claims.flatMap(({ claimId }) => claimId ?? [])}::text[]) and j.state = 'leased'`;
  return new Set(rows.map(({ id }) => id));
}

/** A claim that is repeated gets the same order again, and a command only before it runs. */
async function claimControl(
  sql: ISql,
  { agentId, claimId }: JobClaim,
  { leaseMs, offlineAfterMs }: ClaimTimes,
): Promise<Job | null> {
  const [row] = await sql<{ id: string; order: ControlOrder; leaseToken: string; leaseMs: number }[]>`
    with known as materialized (
      select id from agent_jobs
      where claim_id = ${claimId} and agent_id = ${agentId} and state = 'leased' and lease_until > now()
        and kind <> 'step' and (kind <> 'exec' or running_at is null)
    ), free as materialized (
      select id from agent_jobs
      where state = 'queued' and kind <> 'step' and agent_id = ${agentId} and not exists (select from known)
        and (kind <> 'exec' or deliveries = 0)
        and exists (select from agents a where a.id = ${agentId} and ${isOnline(sql, offlineAfterMs)})
      order by created_at, id
      limit 1
      for update skip locked
    ), leased as (
      update agent_jobs j set state = 'leased', lease_token = ${newId()}, claim_id = ${claimId},
        lease_until = now() + ${leaseMsOf(sql, leaseMs)} * interval '1 ms',
        deliveries = deliveries + 1, holders = array_append(holders, ${agentId})
      from free where j.id = free.id
      returning j.*
    )
    select id, ${order(sql)} as "order", lease_token as "leaseToken", ${leaseMsOf(sql, leaseMs)} as "leaseMs" from leased
    union all
    select id, ${order(sql)}, lease_token, ${leaseMsOf(sql, leaseMs)} from agent_jobs where id in (select id from known)`;
  if (!row) return null;
  const { order: asked, ...held } = row;
  return asked.kind === 'exec' ? { ...asked, ...held, secrets: [] } : { ...asked, ...held };
}

/** An older control plane wrote down no more than what is to be closed. */
function order(sql: ISql): Fragment {
  return sql`coalesce(spec, jsonb_build_object('kind', kind, 'executionId', coalesce(execution_id, '')))`;
}
