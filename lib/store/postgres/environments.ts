import type { EnvironmentFacts, EnvironmentStore } from '../store';
import type { Database } from './database';
import { summaryFields } from './execution-rows';
import { reachable } from './reachable';

export function createEnvironmentStore({ sql }: Database): EnvironmentStore {
  return {
    facts: (executionIds) =>
      reachable(async () => {
        if (executionIds.length === 0) return [];
        const rows = await sql<EnvironmentFacts[]>`
          select ${summaryFields(sql)}, owner,
            case when status = 'running' and lease_until < now()
              then (extract(epoch from now() - lease_until) * 1000)::float8 end as "leaseLostMs"
          from executions where id = any(${[...executionIds]}::text[])`;
        return [...rows];
      }),
  };
}
