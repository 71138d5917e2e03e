import { maxKeepMs } from '../../model/keep-alive';
import type { RetentionRules } from '../../model/retention';
import { deleteExpiredAudit } from './audit';
import { removeUnusedBlobs } from './blobs';
import { forgetCases } from './cases/cases';
import type { Database } from './database';

/** A quarter of a megabyte each, at most. */
const chunksAtOnce = 40;
const executionsAtOnce = 10;
const packageDays = 7;

/**
 * One small batch of what is to be forgotten, each in a statement of its own, so that nothing else waits for it:
 * logs and artifacts of old executions, then old executions, entries of the audit log, results of cases, packages and
 * content that nothing names.
 */
export async function deleteExpired(database: Database, rules: RetentionRules): Promise<boolean> {
  const { outputDays, days, count, auditDays, caseDays } = rules;
  if (outputDays !== null && (await forgetOutput(database, outputDays))) return true;
  if (days !== null && (await forgetExecutions(database, await finishedBefore(database, days)))) return true;
  if (count !== null && (await forgetExecutions(database, await finishedBeyond(database, count))))
    return true;
  if (auditDays !== null && (await deleteExpiredAudit(database, auditDays))) return true;
  if (caseDays !== null && (await forgetCases(database, caseDays))) return true;
  return forgetUnnamed(database);
}

async function forgetOutput(database: Database, days: number): Promise<boolean> {
  const { sql } = database;
  const [old] = await sql<{ id: string }[]>`
    select id from executions
    where finished_at < now() - ${days}::float8 * interval '1 day' and output_removed_at is null
    order by finished_at limit 1`;
  if (!old) return false;
  if (!(await forgetOutputOf(database, old.id)))
    await sql`update executions set output_removed_at = now() where id = ${old.id}`;
  return true;
}

/** False when there is none left. */
async function forgetOutputOf({ sql }: Database, id: string): Promise<boolean> {
  const chunks = await sql`
    delete from log_chunks using (
      select first_seq from log_chunks where execution_id = ${id} order by first_seq limit ${chunksAtOnce}
    ) old
    where log_chunks.execution_id = ${id} and log_chunks.first_seq = old.first_seq
    returning log_chunks.first_seq`;
  if (chunks.length > 0) return true;
  const artifacts = await sql`
    with removed as (
      delete from artifacts where id = (select id from artifacts where execution_id = ${id} limit 1)
      returning blob_id
    )
    delete from blobs using removed where blobs.id = removed.blob_id returning blobs.id`;
  return artifacts.length > 0;
}

async function finishedBefore({ sql }: Database, days: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from executions where finished_at < now() - ${days}::float8 * interval '1 day'
    order by finished_at, id limit ${executionsAtOnce}`;
  return rows.map(({ id }) => id);
}

async function finishedBeyond({ sql }: Database, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from executions where finished_at is not null
    order by finished_at, id
    limit least(${executionsAtOnce}, greatest(0, (
      select count(*) - ${count}::integer from executions where finished_at is not null
    )))`;
  return rows.map(({ id }) => id);
}

/** Their output first, a batch at a time; then the rows that are left of one. */
async function forgetExecutions(database: Database, ids: readonly string[]): Promise<boolean> {
  const [id] = ids;
  if (id === undefined) return false;
  for (const each of ids) if (await forgetOutputOf(database, each)) return true;
  await database.sql`delete from executions where id = any(${[...ids]}::text[])`;
  return true;
}

/**
 * Packages that nothing was launched from for a week and that no execution still runs from, and content that no
 * row came to name.
 */
async function forgetUnnamed(database: Database): Promise<boolean> {
  const { sql } = database;
  const packages = await sql`
    with removed as (
      delete from packages where digest = (
        select digest from packages
        where used_at < now() - ${packageDays}::integer * interval '1 day' and not exists (
          select from executions join plans on plans.execution_id = executions.id
          where status in ('queued', 'running') and strpos(plan::text, digest) > 0
        )
        limit 1
      ) and used_at < now() - ${packageDays}::integer * interval '1 day'
      returning blob_id
    )
    delete from blobs using removed where blobs.id = removed.blob_id returning blobs.id`;
  if (packages.length > 0) return true;
  await removeUnusedBlobs(database);
  await forgetLaunchSecrets(database);
  return false;
}

/** What launches brought, once nothing needs it: a kept environment still has it masked in what commands print. */
async function forgetLaunchSecrets({ sql }: Database): Promise<void> {
  await sql`
    delete from launch_secrets using executions
    where executions.id = launch_secrets.execution_id
      and (receipt is not null and finished_at is not null
        or finished_at < now() - ${maxKeepMs}::float8 * interval '1 millisecond')`;
}
