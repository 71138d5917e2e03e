import type { ISql } from 'postgres';
import type { Attempt, Step } from '../../model/execution';
import { toTimestamp, toTimestampOrNull } from './database';

/** The columns of `executions` under the names of the model. */
const summaryColumns = `
  executions.id, suite, profile, backend, executions.status, author, labels, created_at as "createdAt",
  executions.started_at as "startedAt", executions.finished_at as "finishedAt",
  cancel_requested_at as "cancelRequestedAt", cancel_requested_by as "cancelRequestedBy", cause,
  step_counts as "stepCounts", flaky_cases as "flakyCases", rerun_of as "rerunOf", null as "waitsFor", event_seq as "lastEventSeq"`;

export function summaryFields(sql: ISql) {
  return sql.unsafe(summaryColumns);
}

export function executionFields(sql: ISql) {
  return sql.unsafe(`${summaryColumns}, warnings, receipt, output_removed_at as "outputRemovedAt"`);
}

/**
 * The steps of an execution as one JSON value, with their attempts; only those named when `stepIds` is given.
 * Times are as PostgreSQL writes them in JSON: see `stepFromRow`.
 */
export function stepsAsJson(sql: ISql, id: string, stepIds: readonly string[] | null) {
  return sql`
    coalesce((
      select json_agg(step order by step.index) from (
        select id, name, kind, index, after, on_failure as "onFailure", status, queued_at as "queuedAt",
          started_at as "startedAt", finished_at as "finishedAt", retry_at as "retryAt", result, reports,
          take_over as "takeOver", waits_for as "waitsFor",
          (
            select coalesce(json_agg(attempt order by attempt.number), '[]') from (
              select number, status, phase, started_at as "startedAt", running_at as "runningAt",
                ready_at as "readyAt", finished_at as "finishedAt", result, warnings, outputs
              from attempts where attempts.execution_id = ${id} and attempts.step_id = steps.id
            ) attempt
          ) as attempts
        from steps
        where steps.execution_id = ${id} ${stepIds ? sql`and steps.id = any(${[...stepIds]}::text[])` : sql``}
      ) step
    ), '[]')`;
}

export function stepFromRow(row: Step): Step {
  return {
    ...row,
    queuedAt: toTimestampOrNull(row.queuedAt),
    startedAt: toTimestampOrNull(row.startedAt),
    finishedAt: toTimestampOrNull(row.finishedAt),
    retryAt: toTimestampOrNull(row.retryAt),
    attempts: row.attempts.map(attemptFromRow),
  };
}

function attemptFromRow({
  outputs,
  ...row
}: Omit<Attempt, 'outputs'> & { outputs?: Attempt['outputs'] | null }): Attempt {
  return {
    ...row,
    ...(outputs ? { outputs } : {}),
    startedAt: toTimestamp(row.startedAt),
    runningAt: toTimestampOrNull(row.runningAt),
    readyAt: toTimestampOrNull(row.readyAt),
    finishedAt: toTimestampOrNull(row.finishedAt),
  };
}
