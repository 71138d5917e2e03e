import { eq } from 'drizzle-orm';
import { plans } from '../../../drizzle/schema';
import type { Clock } from '../../clock';
import type { Execution, ExecutionSummary } from '../../model/execution';
import type { ReportSummary } from '../../model/report';
import { maskSpec, type StepSpec } from '../../model/step-spec';
import type { ExecutionStore } from '../store';
import { claimExecutions, releaseAll, releaseExecution, renewLeases } from './claims';
import { claimGrouped, findSuperseded, hasGroupedInQueue } from './concurrency-groups';
import { createExecution } from './create-execution';
import { type Database, toJson } from './database';
import { lastResultOf, listExecutions, overviewOf, runsOfSuites } from './execution-list';
import { executionFields, stepFromRow, stepsAsJson, summaryFields } from './execution-rows';
import type { PostgresNotifier } from './notifier';
import { withQueueReasons } from './queue-reasons';
import { translateErrors } from './translate-errors';
import { batchWrites } from './write-batcher';

export function createExecutionStore(
  dependencies: { clock: Clock; notifier: PostgresNotifier },
  database: Database,
): ExecutionStore {
  const { sql, tables } = database;
  const saveSpecs = batchWrites((specs: StepSpec[]) => saveStepSpecs(database, specs));
  return {
    create: (execution) => translateErrors(() => createExecution(dependencies, database, execution)),
    get: (id) =>
      translateErrors(async () => {
        // One statement, so that the steps are as of `lastEventSeq`.
        const [row] = await sql<Execution[]>`
          select ${executionFields(sql)}, ${stepsAsJson(sql, id, null)} as steps
          from executions where executions.id = ${id}`;
        return row ? { ...row, steps: row.steps.map(stepFromRow) } : null;
      }),
    summary: (id) =>
      translateErrors(async () => {
        const [row] = await sql<ExecutionSummary[]>`
          select ${summaryFields(sql)} from executions where executions.id = ${id}`;
        return row ?? null;
      }),
    suiteIds: (ids) =>
      translateErrors(async () => {
        const rows = await sql<{ id: string; suiteId: string }[]>`
          select id, suite_id as "suiteId" from executions where id = any(${[...ids]}::text[])`;
        return new Map(rows.map(({ id, suiteId }) => [id, suiteId]));
      }),
    list: (filter, limit, cursor) => translateErrors(() => listExecutions(database, filter, limit, cursor)),
    lastResult: (suiteId, profile) => translateErrors(() => lastResultOf(database, suiteId, profile)),
    explainQueue: (executions) => translateErrors(() => withQueueReasons(database, executions)),
    plan: (id) =>
      translateErrors(async () => {
        const [row] = await tables.select({ plan: plans.plan }).from(plans).where(eq(plans.executionId, id));
        return row?.plan ?? null;
      }),
    launchEnv: (id) =>
      translateErrors(async () => {
        const [row] = await tables.select({ env: plans.env }).from(plans).where(eq(plans.executionId, id));
        return row?.env ?? null;
      }),
    launchSecret: (id, key) =>
      translateErrors(async () => {
        const [row] = await sql<{ sealed: Uint8Array }[]>`
          select sealed from launch_secrets where execution_id = ${id} and key = ${key}`;
        return row?.sealed ?? null;
      }),
    claim: (owner, leaseMs, limit) =>
      translateErrors(async () =>
        (await hasGroupedInQueue(database))
          ? claimGrouped(database, owner, leaseMs, limit)
          : claimExecutions(database, owner, leaseMs, limit),
      ),
    superseded: () => translateErrors(() => findSuperseded(database)),
    renew: (owner, fences, leaseMs) => translateErrors(() => renewLeases(database, owner, fences, leaseMs)),
    releaseAll: (owner) => translateErrors(() => releaseAll(dependencies, database, owner)),
    release: (id, fence) => translateErrors(() => releaseExecution(dependencies, database, id, fence)),
    saveStepSpec: (spec) => translateErrors(() => saveSpecs([spec])),
    stepSpecs: (id, stepId) =>
      translateErrors(async () => {
        const rows = await sql<{ spec: Awaited<ReturnType<ExecutionStore['stepSpecs']>>[number] }[]>`
          select spec from step_specs where execution_id = ${id} and step_id = ${stepId} order by attempt`;
        return rows.map((row) => row.spec);
      }),
    overview: (limits) => translateErrors(() => overviewOf(database, limits)),
    runsOf: (suiteIds, limit) => translateErrors(() => runsOfSuites(database, suiteIds, limit)),
    lastPassedReports: ({ suiteId, profile, stepId }) =>
      translateErrors(async () => {
        const [row] = await sql<{ reports: ReportSummary[] }[]>`
          select steps.reports from (
            select id, created_at, profile, status from executions
            where suite_id = ${suiteId} order by created_at desc, id desc limit 1000
          ) runs join steps on steps.execution_id = runs.id and steps.id = ${stepId}
          where runs.profile = ${profile} and runs.status = 'passed' and steps.reports <> '[]'
          order by runs.created_at desc, runs.id desc limit 1`;
        return row?.reports ?? [];
      }),
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
