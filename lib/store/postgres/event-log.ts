import type { ISql, TransactionSql } from 'postgres';
import type { Clock } from '../../clock';
import { applyEvents } from '../../model/apply-event';
import { AppError } from '../../model/errors';
import type { ExecutionEvent, NewEvent } from '../../model/event';
import type { Execution, Step } from '../../model/execution';
import { isFinalExecution } from '../../model/status';
import type { EventLog, Fence } from '../store';
import { refusalOf } from './claims';
import type { Database } from './database';
import { executionFields, stepFromRow, stepsAsJson } from './execution-rows';
import { channel, type PostgresNotifier } from './notifier';
import { executionTopic, logsTopic, overviewTopic, queueTopic } from './topics';
import { translateErrors } from './translate-errors';
import { writeEvents } from './write-events';

export function createEventLog(
  { clock, notifier }: { clock: Clock; notifier: PostgresNotifier },
  { sql }: Database,
): EventLog {
  /** Null when the execution is not as it was before. */
  async function write(
    sql: ISql,
    before: Execution,
    given: readonly NewEvent[],
    fence: Fence | null,
  ): Promise<{ events: ExecutionEvent[]; topics: string[] } | null> {
    const at = clock.now().toISOString();
    const events = given.map((event, index) => ({ ...event, seq: before.lastEventSeq + 1 + index, at }));
    const after = applyEvents(before, events);
    const topics = topicsOf(before, after);
    const notify = { channel, payloads: notifier.payloads(topics) };
    return (await writeEvents(sql, before, after, events, { fence, notify })) ? { events, topics } : null;
  }

  async function append(
    id: string,
    given: NewEvent[],
    fence: Fence | null,
    known: Execution | null,
  ): Promise<ExecutionEvent[]> {
    if (!fence && given.some((event) => event.type !== 'execution.cancel_requested')) {
      throw new AppError('fenced', `only a request to cancel ${id} may come without a fence`);
    }
    if (given.length === 0) return [];
    const written =
      (known && (await write(sql, known, given, fence))) ??
      (await sql.begin(async (transaction) => {
        const before = await lockExecution(transaction, id, stepIdsOf(given), fence);
        return write(transaction, before, given, fence);
      }));
    if (!written) throw new Error(`execution ${id} changed under its lock`);
    notifier.notifyHere(written.topics);
    return written.events;
  }

  return {
    append: (id, events, fence, known = null) => translateErrors(() => append(id, events, fence, known)),
    read: (id, afterSeq, limit) =>
      translateErrors(async () => {
        const rows = await sql<{ event: ExecutionEvent }[]>`
          select event from events where execution_id = ${id} and seq > ${afterSeq} order by seq limit ${limit}`;
        return rows.map((row) => row.event);
      }),
    topic: executionTopic,
  };
}

function stepIdsOf(events: readonly NewEvent[]): string[] {
  return [...new Set(events.flatMap((event) => ('stepId' in event ? [event.stepId] : [])))];
}

/** The execution as it stands under its lock, with only the steps that are named. */
async function lockExecution(
  sql: TransactionSql,
  id: string,
  stepIds: string[],
  fence: Fence | null,
): Promise<Execution> {
  // Two statements: one that waits for the lock goes on with rows of other tables as they were before it
  // waited. Sent together, answered in order.
  const [[row], [found]] = await Promise.all([
    sql<(Omit<Execution, 'steps'> & { owner: string | null; epoch: number })[]>`
      select ${executionFields(sql)}, owner, epoch from executions where id = ${id} for no key update`,
    sql<{ steps: Step[] }[]>`select ${stepsAsJson(sql, id, stepIds)} as steps`,
  ]);
  if (!row) throw new AppError('execution_not_found', `there is no execution ${id}`);
  const { owner, epoch, ...execution } = row;
  const isOurs = !fence || (owner === fence.owner && epoch === fence.epoch);
  if (!isOurs || isFinalExecution(row.status))
    throw refusalOf(id, row, fence ?? { owner: owner ?? '', epoch });
  const steps = (found?.steps ?? []).map(stepFromRow);
  const missing = stepIds.find((stepId) => !steps.some((step) => step.id === stepId));
  if (missing !== undefined) throw new AppError('step_not_found', `execution ${id} has no step ${missing}`);
  return { ...execution, steps };
}

function topicsOf(before: Execution, after: Execution): string[] {
  const topics = [executionTopic(after.id)];
  const isShown =
    before.status !== after.status ||
    before.cancelRequestedAt !== after.cancelRequestedAt ||
    JSON.stringify(before.stepCounts) !== JSON.stringify(after.stepCounts);
  if (isShown) topics.push(overviewTopic);
  // Readers of the log learn that it has ended, and a concurrency group may have become free.
  if (isFinalExecution(after.status)) topics.push(logsTopic(after.id), queueTopic);
  return topics;
}
