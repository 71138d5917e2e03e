import type { EnvironmentFacts, EnvironmentStore } from '../environment-store';
import type { Database } from './database';
import { summaryFields } from './execution-rows';
import {
  type Intent,
  intendResources,
  noteResources,
  reconcileResources,
  resourceRows,
  settleResources,
} from './resources';
import { translateErrors } from './translate-errors';
import { batchWrites } from './write-batcher';

export function createEnvironmentStore(database: Database): EnvironmentStore {
  const { sql } = database;
  const intend = batchWrites((intents: Intent[]) => intendResources(database, intents));
  return {
    facts: (executionIds) =>
      translateErrors(async () => {
        if (executionIds.length === 0) return [];
        const rows = await sql<EnvironmentFacts[]>`
          select ${summaryFields(sql)}, owner,
            case when status = 'running' and lease_until < now()
              then (extract(epoch from now() - lease_until) * 1000)::float8 end as "leaseLostMs",
            kept_environments.until as "keptUntil"
          from executions left join kept_environments on kept_environments.execution_id = executions.id
          where executions.id = any(${[...executionIds]}::text[])`;
        return [...rows];
      }),
    keep: (executionId, until) =>
      translateErrors(async () => {
        await sql`
          insert into kept_environments (execution_id, until) values (${executionId}, ${until}::timestamptz)
          on conflict (execution_id) do update set until = excluded.until`;
      }),
    intend: (backendId, executionId, intents) =>
      translateErrors(() => intend(intents.map((each) => ({ ...each, backendId, executionId })))),
    note: (changes) => translateErrors(() => noteResources(database, changes)),
    settle: (backendId, executionId, removal) =>
      translateErrors(() => settleResources(database, backendId, executionId, removal)),
    rows: (executionId) => translateErrors(() => resourceRows(database, executionId)),
    reconcile: (...call) => translateErrors(() => reconcileResources(database, ...call)),
  };
}
