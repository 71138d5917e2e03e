import { eq } from 'drizzle-orm';
import { plans } from '../../../drizzle/schema';
import type { Clock } from '../../clock';
import type { Execution, ExecutionSummary } from '../../model/execution';
import { maskSpec, type StepSpec } from '../../model/step-spec';
import type { ExecutionStore } from '../store';
import { claimExecutions, releaseAll, releaseExecution, renewLeases } from './claims';
import { claimGrouped, findSuperseded, hasGroupedInQueue } from './concurrency-groups';
import { createExecution } from './create-execution';
import { type Database, toJson } from './database';
import type { PostgresDoorbell } from './doorbell';
import { listExecutions, overviewOf, runsOfSuites } from './execution-list';
import { executionFields, stepFromRow, stepsAsJson, summaryFields } from './execution-rows';
import { gatherWrites } from './gather-writes';
import { withQueueReasons } from './queue-reasons';
import { reachable } from './reachable';

export function createExecutionStore(
  dependencies: { clock: Clock; doorbell: PostgresDoorbell },
  database: Database,
): ExecutionStore {
  const { sql, tables } = database;
  const saveSpecs = gatherWrites((specs: StepSpec[]) => saveStepSpecs(database, specs));
  return {
    create: (execution) => reachable(() => createExecution(dependencies, database, execution)),
    get: (id) =>
      reachable(async () => {
        // One statement, so that the steps are as of `lastEventSeq`.
        const [row] = await sql<Execution[]>`
          select ${executionFields(sql)}, ${stepsAsJson(sql, id, null)} as steps
          from executions where executions.id = ${id}`;
        return row ? { ...row, steps: row.steps.map(stepFromRow) } : null;
      }),
    summary: (id) =>
      reachable(async () => {
        const [row] = await sql<ExecutionSummary[]>`
          select ${summaryFields(sql)} from executions where executions.id = ${id}`;
        return row ?? null;
      }),
    list: (filter, limit, cursor) => reachable(() => listExecutions(database, filter, limit, cursor)),
    explainQueue: (executions) => reachable(() => withQueueReasons(database, executions)),
    plan: (id) =>
      reachable(async () => {
        const [row] = await tables.select({ plan: plans.plan }).from(plans).where(eq(plans.executionId, id));
        return row?.plan ?? null;
      }),
    launchEnv: (id) =>
      reachable(async () => {
        const [row] = await tables.select({ env: plans.env }).from(plans).where(eq(plans.executionId, id));
        return row?.env ?? null;
      }),
    claim: (owner, leaseMs, limit) =>
      reachable(async () =>
        (await hasGroupedInQueue(database))
          ? claimGrouped(database, owner, leaseMs, limit)
          : claimExecutions(database, owner, leaseMs, limit),
      ),
    superseded: () => reachable(() => findSuperseded(database)),
    renew: (owner, fences, leaseMs) => reachable(() => renewLeases(database, owner, fences, leaseMs)),
    releaseAll: (owner) => reachable(() => releaseAll(dependencies, database, owner)),
    release: (id, fence) => reachable(() => releaseExecution(dependencies, database, id, fence)),
    saveStepSpec: (spec) => reachable(() => saveSpecs([spec])),
    stepSpecs: (id, stepId) =>
      reachable(async () => {
        const rows = await sql<{ spec: Awaited<ReturnType<ExecutionStore['stepSpecs']>>[number] }[]>`
          select spec from step_specs where execution_id = ${id} and step_id = ${stepId} order by attempt`;
        return rows.map((row) => row.spec);
      }),
    overview: (finishedLimit) => reachable(() => overviewOf(database, finishedLimit)),
    runsOf: (suiteIds, limit) => reachable(() => runsOfSuites(database, suiteIds, limit)),
  };
}

async function saveStepSpecs({ sql }: Database, specs: readonly StepSpec[]): Promise<void> {
  // The last one of an attempt counts.
  const byAttempt = new Map(
    specs.map((spec) => [`${spec.executionId} ${spec.attempt} ${spec.stepId}`, maskSpec(spec)]),
  );
  await sql`
    insert into step_specs (execution_id, step_id, attempt, spec)
    select spec->>'executionId', spec->>'stepId', (spec->>'attempt')::integer, spec
    from jsonb_array_elements(${toJson([...byAttempt.values()])}::text::jsonb) spec
    on conflict (execution_id, step_id, attempt) do update set spec = excluded.spec`;
}
