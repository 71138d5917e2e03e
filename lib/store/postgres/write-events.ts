import type { ISql } from 'postgres';
import type { ExecutionEvent } from '../../model/event';
import type { Attempt, Execution } from '../../model/execution';
import type { Fence } from '../store';
import { toJson } from './database';

/**
 * Writes the events and every row that they have changed, and rings: one statement. Answers false and does nothing
 * when the execution is not, or no longer, as it was before: other events came, it has ended, or the fence's owner
 * has lost it.
 */
export async function writeEvents(
  sql: ISql,
  before: Execution,
  after: Execution,
  events: readonly ExecutionEvent[],
  { fence, notify }: { fence: Fence | null; notify: { channel: string; payloads: string[] } },
): Promise<boolean> {
  const { steps, ...execution } = after;
  const changed = steps.filter((step, position) => step !== before.steps[position]);
  const attempts = changedAttempts(before, after);
  const notified = await sql`
    with changed_execution as (
      update executions set
        status = x.status, started_at = x."startedAt", finished_at = x."finishedAt",
        cancel_requested_at = x."cancelRequestedAt", cancel_requested_by = x."cancelRequestedBy",
        cause = x.cause, step_counts = x."stepCounts", flaky_cases = x."flakyCases", warnings = x.warnings, receipt = x.receipt,
        event_seq = x."lastEventSeq",
        lease_until = case when x."finishedAt" is null then lease_until end
      from jsonb_to_record(${toJson(execution)}::text::jsonb) as x(
        status text, "startedAt" timestamptz, "finishedAt" timestamptz, "cancelRequestedAt" timestamptz,
        "cancelRequestedBy" text, cause jsonb, "stepCounts" jsonb, "flakyCases" integer, warnings jsonb, receipt jsonb,
        "lastEventSeq" integer)
      where executions.id = ${after.id} and event_seq = ${before.lastEventSeq}
        and executions.status in ('queued', 'running')
        ${fence ? sql`and owner = ${fence.owner} and epoch = ${fence.epoch}` : sql``}
      returning executions.id
    ), new_events as (
      insert into events (execution_id, seq, event)
      select ${after.id}, (event->>'seq')::integer, event
      from changed_execution, jsonb_array_elements(${toJson(events)}::text::jsonb) event
    ), changed_steps as (
      update steps set
        status = x.status, queued_at = x."queuedAt", started_at = x."startedAt",
        finished_at = x."finishedAt", retry_at = x."retryAt", result = x.result, reports = x.reports,
        waits_for = x."waitsFor"
      from changed_execution, jsonb_to_recordset(${toJson(changed)}::text::jsonb) as x(
        id text, status text, "queuedAt" timestamptz, "startedAt" timestamptz, "finishedAt" timestamptz,
        "retryAt" timestamptz, result jsonb, reports jsonb, "waitsFor" text)
      where steps.execution_id = ${after.id} and steps.id = x.id
    ), changed_attempts as (
      insert into attempts (execution_id, step_id, number, status, phase, started_at, running_at, ready_at,
        finished_at, result, warnings, outputs)
      select ${after.id}, x."stepId", x.number, x.status, x.phase, x."startedAt", x."runningAt", x."readyAt",
        x."finishedAt", x.result, x.warnings, x.outputs
      from changed_execution, jsonb_to_recordset(${toJson(attempts)}::text::jsonb) as x(
        "stepId" text, number integer, status text, phase jsonb, "startedAt" timestamptz,
        "runningAt" timestamptz, "readyAt" timestamptz, "finishedAt" timestamptz, result jsonb, warnings jsonb,
        outputs jsonb)
      on conflict (execution_id, step_id, number) do update set
        status = excluded.status, phase = excluded.phase, running_at = excluded.running_at,
        ready_at = excluded.ready_at, finished_at = excluded.finished_at, result = excluded.result,
        warnings = excluded.warnings, outputs = excluded.outputs
    )
    select pg_notify(${notify.channel}, payload) from changed_execution, unnest(${notify.payloads}::text[]) payload`;
  return notified.length > 0;
}

function changedAttempts(before: Execution, after: Execution): (Attempt & { stepId: string })[] {
  return after.steps.flatMap((step, position) => {
    const known = before.steps[position]?.attempts ?? [];
    return step.attempts
      .filter((attempt) => !known.includes(attempt))
      .map((attempt) => ({ ...attempt, stepId: step.id }));
  });
}
