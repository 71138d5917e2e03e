import type { ExecutionSummary } from '../../model/execution';
import type { Database } from './database';

interface QueuedRow {
  id: string;
  group: string | null;
  max: number | null;
  holders: string[];
  running: number;
  ahead: number;
}

/** Says of each execution that is queued what it waits for; the others are left as they are. */
export async function withQueueReasons<T extends ExecutionSummary>(
  { sql }: Pick<Database, 'sql'>,
  executions: readonly T[],
): Promise<T[]> {
  const ids = executions.filter(({ status }) => status === 'queued').map(({ id }) => id);
  if (ids.length === 0) return [...executions];
  const rows = await sql<QueuedRow[]>`
    with active as materialized (
      select id, status, created_at, concurrency_group, concurrency_max
      from executions where status in ('queued', 'running')
    ), queued as (
      select *, row_number() over (order by created_at, id) - 1 as ahead from active where status = 'queued'
    )
    select id, concurrency_group as "group", concurrency_max as max, ahead::integer as ahead,
      (select count(*)::integer from active where status = 'running') as running,
      (
        select coalesce(json_agg(holder.id order by holder.created_at, holder.id), '[]') from active holder
        where holder.status = 'running' and holder.concurrency_group = queued.concurrency_group
      ) as holders
    from queued where id = any(${ids}::text[])`;
  const reasons = new Map(rows.map((row) => [row.id, sentenceOf(row)]));
  return executions.map((each) => ({ ...each, waitsFor: reasons.get(each.id) ?? null }));
}

function sentenceOf({ group, max, holders, running, ahead }: QueuedRow): string {
  if (group !== null && max !== null && holders.length >= max) {
    const [first, ...others] = holders;
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return `Waiting for its group \`${group}\`, which execution ${first}${more} ${more ? 'hold' : 'holds'}.`;
  }
  if (running === 0 && ahead === 0) return 'Is about to start.';
  const before = ahead > 0 ? `, and ${ahead} ${ahead === 1 ? 'waits' : 'wait'} before it` : '';
  return `Waiting for a free place: ${running} ${running === 1 ? 'execution runs' : 'executions run'}${before}.`;
}
