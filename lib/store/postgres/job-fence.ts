import type { Fragment, ISql } from 'postgres';
import { AppError } from '../../model/errors';
import { maxExecLeaseMs } from '../../model/job';
import type { JobHolder } from '../agent-store';

/** Holds for the row `j` of agent_jobs while the holder's lease does. */
export function holds(sql: ISql, { agentId, tokenId, leaseToken }: JobHolder): Fragment {
  return sql`
    j.agent_id = ${agentId} and j.state = 'leased' and j.lease_until > now()
    and (${leaseToken}::text is null or j.lease_token = ${leaseToken})
    and exists (select from agents where agents.id = j.agent_id and agents.token_id = ${tokenId})`;
}

/** For a row of agent_jobs, milliseconds. */
export function leaseMsOf(sql: ISql, leaseMs: number): Fragment {
  return sql`
    (case when kind = 'exec' then least(${leaseMs}, ${maxExecLeaseMs}) else ${leaseMs} end)::integer`;
}

/**
 * The reason why a holder's message matches no job. Inside a transaction pass that transaction: if each of ten
 * transactions waited for a second connection, the pool would have none left.
 */
export async function jobRefusal(
  { sql }: { sql: ISql },
  jobId: string,
  holder: JobHolder,
): Promise<AppError> {
  const { agentId, tokenId } = holder;
  const [row] = await sql<{ state: string; agentId: string | null }[]>`
    select state, agent_id as "agentId" from agent_jobs
    where id = ${jobId} and ${agentId} = any(holders)
      and exists (select from agents where id = ${agentId} and token_id = ${tokenId})`;
  if (!row) return new AppError('not_found', `There is no job ${jobId} of agent ${agentId}.`);
  const now =
    row.state === 'done'
      ? 'it has ended'
      : row.state === 'leased' && row.agentId !== agentId
        ? 'another agent holds it by now'
        : 'the lease ran out, or the token is of an earlier one';
  return new AppError(
    'stale_fence',
    `Job ${jobId} takes nothing of agent ${agentId} any more: ${now}. Stop what runs for it, and claim anew.`,
  );
}
