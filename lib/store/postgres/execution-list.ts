import { AppError } from '../../model/errors';
import type { ExecutionSummary } from '../../model/execution';
import type { ExecutionStatus } from '../../model/status';
import type { SuiteRun } from '../../model/suite-details';
import type { ExecutionFilter, ExecutionStore, Page } from '../store';
import { type Database, toJson } from './database';
import { summaryFields } from './execution-rows';
import { withQueueReasons } from './queue-reasons';
import { inScope } from './suite-scope';

/** Anybody may request a badge, so that its cost has a limit. */
const maxScannedExecutions = 500;

/**
 * Newest first, by keyset. With several statuses each is read in its index's order and the results are merged,
 * so that the cost does not grow with the history.
 */
export async function listExecutions(
  { sql }: Database,
  filter: ExecutionFilter,
  limit: number,
  cursor: string | null,
): Promise<Page<ExecutionSummary>> {
  const after = cursor === null ? null : parseCursor(cursor);
  const label = filter.label ? toJson({ [filter.label.key]: filter.label.value }) : null;
  const matching = sql`
    select ${summaryFields(sql)} from executions
    where true
      ${inScope(sql, 'suite_id', filter.scope)}
      ${filter.suiteId ? sql`and suite_id = ${filter.suiteId}` : sql``}
      ${filter.createdAfter ? sql`and created_at >= ${filter.createdAfter}::timestamptz` : sql``}
      ${filter.createdBefore ? sql`and created_at < ${filter.createdBefore}::timestamptz` : sql``}
      ${filter.rerunOf ? sql`and rerun_of = ${filter.rerunOf}` : sql``}
      ${label ? sql`and labels @> ${label}::text::jsonb` : sql``}
      ${after ? sql`and (created_at, executions.id) < (${after.createdAt}::timestamptz, ${after.id})` : sql``}
      ${filter.status ? sql`and executions.status = wanted.status` : sql``}
    order by created_at desc, executions.id desc
    limit ${limit + 1}`;
  const rows = filter.status
    ? await sql<ExecutionSummary[]>`
        select page.* from unnest(${[...new Set(filter.status)]}::text[]) as wanted(status)
        cross join lateral (${matching}) page
        order by "createdAt" desc, id desc
        limit ${limit + 1}`
    : await sql<ExecutionSummary[]>`${matching}`;
  const items = await withQueueReasons({ sql }, rows.slice(0, limit));
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? formatCursor(last) : null };
}

/** See `ExecutionStore.overview`. */
export async function overviewOf(
  { sql }: Database,
  { running, queued, finished, scope = null }: Parameters<ExecutionStore['overview']>[0],
): ReturnType<ExecutionStore['overview']> {
  const visible = inScope(sql, 'suite_id', scope);
  const [counts = { running: 0, queued: 0 }] = await sql<{ running: number; queued: number }[]>`
    select count(*) filter (where status = 'running')::integer as running,
      count(*) filter (where status = 'queued')::integer as queued
    from executions where status in ('queued', 'running') ${visible}`;
  const rows = await sql<ExecutionSummary[]>`
    select * from (
      (
        select ${summaryFields(sql)} from executions where status = 'running' ${visible}
        order by executions.created_at desc, executions.id desc limit ${running}
      )
      union all
      (
        select ${summaryFields(sql)} from executions where status = 'queued' ${visible}
        order by executions.created_at, executions.id limit ${queued}
      )
      union all
      (
        select ${summaryFields(sql)} from executions where finished_at is not null ${visible}
        order by executions.finished_at desc, executions.id desc limit ${finished}
      )
    ) shown
    order by "createdAt" desc, id desc`;
  return { executions: await withQueueReasons({ sql }, rows), counts: { ...counts } };
}

/** Each suite's are read in its index's order. */
export async function runsOfSuites(
  { sql }: Database,
  suiteIds: readonly string[],
  limit: number,
): Promise<SuiteRun[]> {
  return sql<SuiteRun[]>`
    select runs.* from unnest(${[...new Set(suiteIds)]}::text[]) as wanted(id)
    cross join lateral (
      select executions.id, suite_id as "suiteId", status, created_at as "createdAt",
        started_at as "startedAt", finished_at as "finishedAt"
      from executions where suite_id = wanted.id
      order by created_at desc, executions.id desc
      limit ${limit}
    ) runs
    order by "createdAt" desc, id desc`;
}

/** See `ExecutionStore.lastResult`. The suite's are read in its index's order. */
export async function lastResultOf(
  { sql }: Database,
  suiteId: string,
  profile: string,
): Promise<ExecutionStatus | null> {
  const [row] = await sql<{ status: ExecutionStatus }[]>`
    select recent.status from (
      select id, status, profile, created_at from executions where suite_id = ${suiteId}
      order by created_at desc, id desc limit ${maxScannedExecutions}
    ) recent
    where recent.profile = ${profile} and recent.status in ('passed', 'failed', 'errored', 'timed_out')
      and not exists (
        select from plans
        where plans.execution_id = recent.id and plans.plan #> '{launchValues,onlySteps}' is not null
      )
    order by recent.created_at desc, recent.id desc limit 1`;
  return row?.status ?? null;
}

function formatCursor({ createdAt, id }: { createdAt: string; id: string }): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

function parseCursor(cursor: string): { createdAt: string; id: string } {
  const text = Buffer.from(cursor, 'base64url').toString();
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S{1,100})$/.exec(text);
  const [, createdAt, id] = parts ?? [];
  if (!createdAt || !id || Number.isNaN(Date.parse(createdAt))) {
    throw new AppError('bad_request', 'this cursor is not one that a list has answered: begin without one');
  }
  return { createdAt, id };
}
