import type { Clock } from '../../clock';
import { executionFromFirstEvent } from '../../model/apply-event';
import { AppError } from '../../model/errors';
import type { ExecutionEvent } from '../../model/event';
import type { ExecutionSummary } from '../../model/execution';
import type { NewExecution } from '../store';
import { type Database, toJson } from './database';
import { summaryFields } from './execution-rows';
import { channel, type PostgresNotifier } from './notifier';
import { executionTopic, overviewTopic, queueTopic } from './topics';

/** One statement, which is one transaction; with a key that is taken it writes nothing. */
export async function createExecution(
  { clock, notifier }: { clock: Clock; notifier: PostgresNotifier },
  { sql }: Database,
  given: NewExecution,
): Promise<{ summary: ExecutionSummary; created: boolean }> {
  const event = firstEvent(given, clock.now().toISOString());
  const {
    steps,
    warnings,
    receipt: _,
    outputRemovedAt: __,
    ...summary
  } = executionFromFirstEvent(given.id, event);
  const { concurrency } = given.plan;
  const topics = [queueTopic, overviewTopic, executionTopic(given.id)];
  const written = await sql`
    with key as (
      insert into idempotency_keys (author, key, request_hash, execution_id)
      select ${given.author}, ${given.idempotencyKey}::text, ${given.requestHash}, ${given.id}
      where ${given.idempotencyKey}::text is not null
      on conflict do nothing
      returning key
    ), go as (
      select 1 where ${given.idempotencyKey}::text is null or exists (select from key)
    ), execution as (
      insert into executions (id, suite_id, suite, profile, backend, status, author, labels, created_at,
        step_counts, warnings, rerun_of, concurrency_group,
        concurrency_max, concurrency_cancels, event_seq)
      select ${given.id}, ${summary.suite.id}, ${toJson(summary.suite)}::text::jsonb, ${summary.profile},
        ${toJson(summary.backend)}::text::jsonb, 'queued', ${summary.author},
        ${toJson(summary.labels)}::text::jsonb, ${event.at}::timestamptz,
        ${toJson(summary.stepCounts)}::text::jsonb, ${toJson(warnings)}::text::jsonb,
        ${summary.rerunOf}, ${concurrency?.group ?? null}::text, ${concurrency?.max ?? null}::integer,
        ${concurrency?.cancelRunning ?? null}::boolean, ${event.seq}
      from go
    ), plan as (
      insert into plans (execution_id, plan, env)
      select ${given.id}, ${toJson(given.plan)}::text::jsonb, ${toJson(given.env)}::text::jsonb from go
    ), secret as (
      insert into launch_secrets (execution_id, key, sealed)
      select ${given.id}, x.key, decode(x.sealed, 'base64')
      from go, jsonb_to_recordset(${secretsAsJson(given)}::text::jsonb) as x(key text, sealed text)
    ), step as (
      insert into steps (execution_id, id, index, name, kind, after, on_failure, status, reports,
        take_over)
      select ${given.id}, x.id, x.index, x.name, x.kind, x.after, x."onFailure", x.status, x.reports,
        x."takeOver"
      from go, jsonb_to_recordset(${toJson(steps)}::text::jsonb) as x(id text, index integer, name text,
        kind text, after jsonb, "onFailure" jsonb, status text, reports jsonb, "takeOver" jsonb)
    ), event as (
      insert into events (execution_id, seq, event)
      select ${given.id}, ${event.seq}, ${toJson(event)}::text::jsonb from go
    )
    select pg_notify(${channel}, payload) from go, unnest(${notifier.payloads(topics)}::text[]) payload`;
  if (written.length === 0) return { summary: await earlierExecution(sql, given), created: false };
  notifier.notifyHere(topics);
  return { summary, created: true };
}

function secretsAsJson({ secrets = [] }: NewExecution): string {
  return toJson(secrets.map(({ key, sealed }) => ({ key, sealed: Buffer.from(sealed).toString('base64') })));
}

function firstEvent(given: NewExecution, at: string): ExecutionEvent {
  return {
    type: 'execution.created',
    seq: 1,
    at,
    suite: given.plan.suite,
    profile: given.plan.profile,
    backend: given.backend,
    author: given.author,
    labels: given.labels,
    warnings: given.plan.warnings,
    rerunOf: given.rerun?.of ?? null,
    steps: given.plan.nodes.map(({ id, name, kind, index, after, onFailure }) => ({
      id,
      name,
      kind,
      index,
      after,
      onFailure,
      takeOver: given.rerun?.takeOvers.get(id) ?? null,
    })),
  };
}

/** The execution that was made with the same idempotency key. */
async function earlierExecution(sql: Database['sql'], given: NewExecution): Promise<ExecutionSummary> {
  const [earlier] = await sql<(ExecutionSummary & { requestHash: string })[]>`
    select ${summaryFields(sql)}, request_hash as "requestHash"
    from executions join (
      select execution_id, request_hash from idempotency_keys
      where author = ${given.author} and key = ${given.idempotencyKey}
    ) used on execution_id = executions.id`;
  if (!earlier) {
    throw new AppError('conflict', 'the execution of this Idempotency-Key is just being removed: try again');
  }
  const { requestHash, ...summary } = earlier;
  if (requestHash !== given.requestHash) {
    throw new AppError(
      'idempotency_conflict',
      `this Idempotency-Key was used for another request, which made execution ${summary.id}: use a new key`,
    );
  }
  return summary;
}
