import type { ISql, PendingQuery, Row } from 'postgres';
import { AppError } from '../../model/errors';
import type { ClaimedExecution, Fence } from '../store';
import type { Database } from './database';
import { channel, type PostgresNotifier } from './notifier';
import { queueTopic } from './topics';

/** At once; the next claim takes more. */
const maxCancelled = 50;

interface ClaimedRow {
  id: string;
  epoch: number;
  status: string;
}

/** Leases run by the database's clock, so that control planes whose clocks differ agree. */
export async function claimExecutions(
  { sql }: Pick<Database, 'sql'>,
  owner: string,
  leaseMs: number,
  limit: number,
): Promise<ClaimedExecution[]> {
  const mayRun = sql`concurrency_group is null or status = 'running'`;
  return claimed(owner, await claimRows(sql, owner, leaseMs, limit, mayRun));
}

/** `mayRun`: which of those that are free and not cancelled. */
export function claimRows(
  sql: ISql,
  owner: string,
  leaseMs: number,
  limit: number,
  mayRun: PendingQuery<Row[]>,
): Promise<ClaimedRow[]> {
  const isFree = sql`status in ('queued', 'running') and (lease_until is null or lease_until < now())`;
  return sql<ClaimedRow[]>`
    with waiting as materialized (
      select id from executions
      where ${isFree} and cancel_requested_at is null and (${mayRun})
      order by created_at, id
      limit ${limit}
      for update skip locked
    ), cancelled as materialized (
      select id from executions where ${isFree} and cancel_requested_at is not null
      order by created_at, id
      limit ${maxCancelled}
      for update skip locked
    ), claimed as (
      update executions
      set owner = ${owner}, epoch = epoch + 1, lease_until = now() + ${leaseMs}::integer * interval '1 ms'
      from (select id from waiting union all select id from cancelled) free where executions.id = free.id
      returning executions.id, epoch, status, created_at
    )
    select id, epoch, status from claimed order by created_at, id`;
}

export function claimed(owner: string, rows: readonly ClaimedRow[]): ClaimedExecution[] {
  return rows.map(({ id, epoch, status }) => ({
    id,
    fence: { owner, epoch },
    adopted: status === 'running',
  }));
}

/** Answers the ids that this owner has lost. */
export async function renewLeases(
  { sql }: Database,
  owner: string,
  fences: { id: string; epoch: number }[],
  leaseMs: number,
): Promise<string[]> {
  if (fences.length === 0) return [];
  const rows = await sql<{ id: string }[]>`
    update executions set lease_until = now() + ${leaseMs}::integer * interval '1 ms'
    from unnest(${fences.map((fence) => fence.id)}::text[], ${fences.map((fence) => fence.epoch)}::integer[])
      as held(id, epoch)
    where executions.id = held.id and executions.epoch = held.epoch and owner = ${owner}
    returning executions.id`;
  const kept = new Set(rows.map((row) => row.id));
  return fences.map((fence) => fence.id).filter((id) => !kept.has(id));
}

/** Nobody's from now on: a late write of the owner is `fenced`. */
export async function releaseExecution(
  { notifier }: { notifier: PostgresNotifier },
  { sql }: Database,
  id: string,
  fence: Fence,
): Promise<void> {
  const rows = await sql`
    with released as (
      update executions set owner = null, lease_until = null
      where id = ${id} and owner = ${fence.owner} and epoch = ${fence.epoch}
      returning id
    )
    select pg_notify(${channel}, ${notifier.payloads([queueTopic])[0] ?? ''}) from released`;
  if (rows.length === 0) throw await refusal({ sql }, id, fence);
  notifier.notifyHere([queueTopic]);
}

export async function releaseAll(
  { notifier }: { notifier: PostgresNotifier },
  { sql }: Database,
  owner: string,
): Promise<number> {
  const rows = await sql`
    update executions set owner = null, lease_until = null
    where owner = ${owner} and status in ('queued', 'running') returning id`;
  if (rows.length > 0) notifier.notify(queueTopic);
  return rows.length;
}

/** Why a write under this fence found no row to write to. */
export async function refusal({ sql }: Pick<Database, 'sql'>, id: string, fence: Fence): Promise<AppError> {
  const [row] = await sql<{ owner: string | null; epoch: number; status: string }[]>`
    select owner, epoch, status from executions where id = ${id}`;
  return refusalOf(id, row ?? null, fence);
}

export function refusalOf(
  id: string,
  row: { owner: string | null; epoch: number; status: string } | null,
  fence: Fence,
): AppError {
  if (!row) return new AppError('execution_not_found', `there is no execution ${id}`);
  if (row.owner !== fence.owner || row.epoch !== fence.epoch) {
    const holder = row.owner ? `${row.owner} (epoch ${row.epoch}) holds it` : 'nobody holds it';
    return new AppError(
      'fenced',
      `${fence.owner} (epoch ${fence.epoch}) no longer owns execution ${id}: ${holder}`,
    );
  }
  return new AppError('conflict', `execution ${id} has ended (${row.status}) and takes nothing more`);
}
