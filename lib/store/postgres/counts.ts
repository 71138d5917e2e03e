import type { StoreCounts } from '../store';
import type { Database } from './database';

/** Counts rows with small indexes and tables only, however long the history. The database's clock decides who is offline. */
export async function countRows({ sql }: Database, offlineAfterMs: number): Promise<StoreCounts> {
  const rows = await sql<{ what: string; count: number }[]>`
    select status as what, count(*)::integer as count from executions
    where status in ('queued', 'running') group by status
    union all
    select case
      when last_seen_at <= now() - ${offlineAfterMs}::integer * interval '1 ms' then 'offline'
      when drained_at is null then 'online'
      else 'draining' end as what, count(*)::integer
    from agents group by 1`;
  const count = (what: string) => rows.find((row) => row.what === what)?.count ?? 0;
  return {
    executions: { queued: count('queued'), running: count('running') },
    agents: { online: count('online'), draining: count('draining'), offline: count('offline') },
  };
}
