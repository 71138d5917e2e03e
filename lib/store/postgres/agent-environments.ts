import type { EnvironmentOrder } from '../../model/job';
import type { AgentEnvironment } from '../agent-store';
import { type Database, toJson, toTimestamp } from './database';

export async function openAgentEnvironment(
  { sql }: Database,
  environment: EnvironmentOrder,
  tags: readonly string[],
): Promise<void> {
  await sql`
    insert into agent_environments (execution_id, environment, tags)
    values (${environment.executionId}, ${toJson(environment)}::text::jsonb, ${[...tags]}::text[])
    on conflict (execution_id) do update set environment = excluded.environment, closing_at = null`;
}

/** With its lines and files; what they were is in the execution's own rows by then. */
export async function deleteAgentEnvironment({ sql }: Database, executionId: string): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`
      delete from agent_job_lines using agent_jobs j where job_id = j.id and j.execution_id = ${executionId}`;
    await transaction`
      with removed as (
        delete from agent_job_artifacts a using agent_jobs j
        where a.job_id = j.id and j.execution_id = ${executionId} returning blob_id
      )
      delete from blobs using removed where blobs.id = removed.blob_id`;
    await transaction`delete from agent_environments where execution_id = ${executionId}`;
  });
}

/** Answers the jobs that were taken back. */
export async function beginClosing({ sql }: Database, executionId: string): Promise<string[]> {
  const result = JSON.stringify({
    failure: { code: 'backend_failed', message: 'the environment was closed' },
  });
  const rows = await sql<{ id: string }[]>`
    with closing as (
      update agent_environments set closing_at = now() where execution_id = ${executionId}
    )
    update agent_jobs set state = 'done', result = ${result}::text::jsonb, finished_at = now()
    where execution_id = ${executionId} and kind = 'step' and state <> 'done'
    returning id`;
  return rows.map(({ id }) => id);
}

export async function listAgentEnvironments(
  { sql }: Database,
  offlineAfterMs: number,
  executionId: string | null,
): Promise<AgentEnvironment[]> {
  const rows = await sql<
    {
      environment: EnvironmentOrder;
      createdAt: string;
      id: string | null;
      version: string | null;
      isPlain: boolean;
      isOnline: boolean;
    }[]
  >`
    select e.environment, e.created_at as "createdAt", e.agent_id as id, a.version, a.instance is null as "isPlain",
      coalesce(a.last_seen_at > now() - ${offlineAfterMs}::integer * interval '1 ms', false) as "isOnline"
    from agent_environments e left join agents a on a.id = e.agent_id
    where ${executionId}::text is null or e.execution_id = ${executionId}`;
  return rows.map(({ environment, createdAt, id, version, isPlain, isOnline }) => ({
    environment,
    createdAt: toTimestamp(createdAt),
    agent: id === null ? null : { id, version: version ?? '', isPlain, isOnline },
  }));
}
