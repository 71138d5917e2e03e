import type { RemovalReceipt, ResourceRow } from '../../model/receipt';
import type { IntendedResource, PresentResource, Removal, ResourceChange } from '../environment-store';
import { type Database, toJson } from './database';

/** A row younger than this may be of something that is just being made. */
const youngest = '1 minute';
/** How long the closed rows of executions that are no longer known are kept. */
const keptWithoutExecution = '7 days';

/** One of them, of any execution on any backend. */
export interface Intent extends IntendedResource {
  backendId: string;
  executionId: string;
}

export async function intendResources({ sql }: Database, intents: readonly Intent[]): Promise<void> {
  await sql`
    insert into resources (execution_id, backend_id, kind, name, step_id, attempt)
    select distinct on (x."executionId", x.kind, x.name)
      x."executionId", x."backendId", x.kind, x.name, x."stepId", x.attempt
    from jsonb_to_recordset(${toJson(intents)}::text::jsonb) as x(
      "executionId" text, "backendId" text, kind text, name text, "stepId" text, attempt integer)
    on conflict (execution_id, kind, name) do update set removed_at = null, removed_by = null
    where resources.removed_at is not null`;
}

export async function noteResources({ sql }: Database, changes: readonly ResourceChange[]): Promise<void> {
  await sql`
    with change as (
      select x."executionId" as execution_id, x.kind, x.name,
        bool_or(x.what = 'removed') as is_removed
      from jsonb_to_recordset(${toJson(changes)}::text::jsonb) as x(
        "executionId" text, kind text, name text, what text)
      group by 1, 2, 3
    )
    update resources set
      made_at = coalesce(made_at, now()),
      removed_at = case when is_removed then coalesce(removed_at, now()) else removed_at end,
      removed_by = case when is_removed then coalesce(removed_by, 'gantry') else removed_by end
    from change
    where resources.execution_id = change.execution_id and resources.kind = change.kind
      and resources.name = change.name`;
}

export async function settleResources(
  { sql }: Database,
  backendId: string,
  executionId: string,
  { removed, left, by }: Removal,
): Promise<RemovalReceipt> {
  return sql.begin(async (transaction) => {
    await transaction`
      insert into resources (execution_id, backend_id, kind, name, made_at, removed_at, removed_by, left_reason)
      select distinct on (x.kind, x.name) ${executionId}, ${backendId}, x.kind, x.name, now(),
        case when x.reason is null then now() end, case when x.reason is null then ${by} end, x.reason
      from jsonb_to_recordset(${toJson([...removed, ...left])}::text::jsonb) as x(
        kind text, name text, reason text)
      order by x.kind, x.name, x.reason nulls last
      on conflict (execution_id, kind, name) do update set
        made_at = coalesce(resources.made_at, now()), left_reason = excluded.left_reason,
        removed_at = excluded.removed_at, removed_by = excluded.removed_by`;
    // The backend has looked and found no more: whoever removed the rest, it is not there.
    await transaction`
      update resources set removed_at = now(), removed_by = ${by}
      where execution_id = ${executionId} and removed_at is null and left_reason is null`;
    const rows = await transaction<Pick<ResourceRow, 'kind' | 'name' | 'removedAt' | 'leftReason'>[]>`
      select kind, name, removed_at as "removedAt", left_reason as "leftReason" from resources
      where execution_id = ${executionId} and made_at is not null
      order by intended_at, kind, name`;
    const stillThere = rows.filter(({ removedAt }) => removedAt === null);
    return {
      created: rows.length,
      removed: rows.length - stillThere.length,
      left: stillThere.map(({ kind, name, leftReason }) => ({ kind, name, reason: leftReason ?? 'unknown' })),
    };
  });
}

export async function resourceRows({ sql }: Database, executionId: string): Promise<ResourceRow[]> {
  const rows = await sql<ResourceRow[]>`
    select kind, name, step_id as "stepId", attempt, intended_at as "intendedAt", made_at as "madeAt",
      removed_at as "removedAt", removed_by as "removedBy", left_reason as "leftReason"
    from resources where execution_id = ${executionId}
    order by intended_at, kind, name`;
  return [...rows];
}

export async function reconcileResources(
  { sql }: Database,
  backendId: string,
  present: readonly PresentResource[],
  unseen: readonly string[] = [],
): Promise<{ adopted: number; closed: number }> {
  return sql.begin(async (transaction) => {
    const json = toJson(present);
    const adopted = await transaction`
      insert into resources (execution_id, backend_id, kind, name, step_id, made_at)
      select x."executionId", ${backendId}, x.kind, x.name, x."stepId", now()
      from jsonb_to_recordset(${json}::text::jsonb) as x("executionId" text, kind text, name text, "stepId" text)
      on conflict (execution_id, kind, name) do update set removed_at = null, removed_by = null
      where resources.removed_at < now() - ${youngest}::interval`;
    const closed = await transaction`
      update resources set removed_at = now(), removed_by = 'gone'
      where backend_id = ${backendId} and removed_at is null and intended_at < now() - ${youngest}::interval
        and execution_id <> all(${[...unseen]}::text[])
        and not exists (
          select from executions
          where executions.id = resources.execution_id and executions.status in ('queued', 'running'))
        and not exists (
          select from jsonb_to_recordset(${json}::text::jsonb) as x("executionId" text, kind text, name text)
          where x."executionId" = resources.execution_id and x.kind = resources.kind and x.name = resources.name)`;
    await transaction`
      delete from resources
      where removed_at < now() - ${keptWithoutExecution}::interval
        and not exists (select from executions where executions.id = resources.execution_id)`;
    await transaction`
      delete from kept_environments
      where until < now() - ${keptWithoutExecution}::interval
        and not exists (select from executions where executions.id = kept_environments.execution_id)`;
    return { adopted: adopted.count, closed: closed.count };
  });
}
