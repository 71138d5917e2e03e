import { createHash } from 'node:crypto';
import { AppError } from '../../model/errors';
import type { JobReport, JobResult, LeaseAnswer } from '../../model/job';
import type { JobHolder } from '../agent-store';
import { type Database, toJson } from './database';
import { holds, jobRefusal, leaseMsOf } from './job-fence';

export async function renewJob(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  leaseMs: number,
): Promise<LeaseAnswer> {
  const [row] = await sql<LeaseAnswer[]>`
    update agent_jobs j set lease_until = now() + ${leaseMsOf(sql, leaseMs)} * interval '1 ms'
    where id = ${jobId} and ${holds(sql, holder)}
    returning desired, grace_ms as "graceMs", ${leaseMsOf(sql, leaseMs)} as "leaseMs"`;
  if (!row) throw await jobRefusal({ sql }, jobId, holder);
  return row;
}

export async function reportJob(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  { state, message, restarted, unfinished }: JobReport,
): Promise<void> {
  const phase = state === 'ready' || state === 'running' ? null : { name: state, detail: message ?? null };
  const isRunning = state === 'running' || state === 'ready';
  const rows = await sql`
    update agent_jobs j set
      phase = coalesce(${phase && toJson(phase)}::text::jsonb, phase),
      unfinished = coalesce(${unfinished ? toJson(unfinished) : null}::text::jsonb, unfinished),
      spec = case when kind = 'exec' and ${isRunning} then spec - 'command' else spec end,
      running_at = case when ${isRunning} then coalesce(running_at, now()) else running_at end,
      ready_at = case when ${state === 'ready'} then coalesce(ready_at, now()) else ready_at end,
      stdout_base = case when ${restarted === true} then stdout_lines else stdout_base end,
      stderr_base = case when ${restarted === true} then stderr_lines else stderr_base end
    where id = ${jobId} and ${holds(sql, holder)}
    returning id`;
  if (rows.length === 0) throw await jobRefusal({ sql }, jobId, holder);
}

/** The first result counts. */
export async function completeJob(
  { sql }: Database,
  jobId: string,
  holder: JobHolder,
  result: JobResult,
): Promise<void> {
  const json = toJson(result);
  const hash = createHash('sha256').update(json).digest('hex');
  const isLost = 'failure' in result && result.failure.code === 'agent_lost';
  const rows = await sql`
    with done as (
      update agent_jobs j set state = 'done', result = ${json}::text::jsonb, result_hash = ${hash}, finished_at = now()
      where id = ${jobId} and ${holds(sql, holder)}
      returning execution_id
    ), lost as (
      update agent_environments e set lost_at = now() from done
      where ${isLost} and e.execution_id = done.execution_id
    )
    select from done`;
  if (rows.length > 0) return;
  const [earlier] = await sql<{ hash: string | null }[]>`
    select result_hash as hash from agent_jobs j
    where id = ${jobId} and state = 'done' and agent_id = ${holder.agentId}
      and (${holder.leaseToken}::text is null or lease_token = ${holder.leaseToken})
      and exists (select from agents where id = ${holder.agentId} and token_id = ${holder.tokenId})`;
  if (earlier?.hash === hash) return;
  if (earlier?.hash) {
    throw new AppError('conflict', `Job ${jobId} has ended with another result, which stands.`);
  }
  throw await jobRefusal({ sql }, jobId, holder);
}
