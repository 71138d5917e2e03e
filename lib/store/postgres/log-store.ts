import { AppError } from '../../model/errors';
import type { LogLine, LogPosition, UnfinishedStepLine } from '../../model/log-line';
import { type ExecutionStatus, isFinalExecution } from '../../model/status';
import type { LogPage, LogStore } from '../store';
import { refusal } from './claims';
import type { Database } from './database';
import { decodeLines, encodeLines, type LogChunk, streamEndOf } from './log-chunk';
import type { LogSearch } from './log-search';
import type { PostgresNotifier } from './notifier';
import { readStepLines } from './read-step-lines';
import { logsTopic, unfinishedTopic } from './topics';
import { translateErrors } from './translate-errors';

/** Characters of one page. */
const maxSize = 4_000_000;
/** Lines of one millisecond are in no more chunks than these. */
const endChunks = 20;
/** Size after which a page takes no further chunk. */
const maxChunkLines = { lines: 2_000, size: 1_000_000 };

export function createLogStore(
  { notifier, search }: { notifier: PostgresNotifier; search: LogSearch },
  database: Database,
): LogStore {
  const { sql } = database;

  return {
    append: (...call) => translateErrors(() => append(database, notifier, ...call)),
    read: (id, afterSeq, limit, filter, signal) =>
      translateErrors(() =>
        filter && Object.values(filter).some((value) => value !== undefined)
          ? search.search(id, afterSeq, limit, filter, signal)
          : read(database, id, afterSeq, { within: limit, size: maxSize, limit }),
      ),
    checkPattern: (pattern, signal) => translateErrors(() => search.check(pattern, signal)),
    readStep: (id, window) => translateErrors(() => readStepLines(database, id, window)),
    readChunks: (id, afterSeq) =>
      translateErrors(() =>
        read(database, id, afterSeq, {
          within: maxChunkLines.lines,
          size: maxChunkLines.size,
          limit: Number.POSITIVE_INFINITY,
        }),
      ),
    position: (...call) => translateErrors(() => position(database, ...call)),
    lastSeq: (id) => translateErrors(() => lastSeq(database, id)),
    topic: logsTopic,
    saveUnfinished: (...call) => translateErrors(() => saveUnfinished(database, notifier, ...call)),
    unfinished: (id) =>
      translateErrors(async () => [
        ...(await sql<UnfinishedStepLine[]>`
          select step_id as "stepId", attempt, stream, text
          from unfinished_lines join executions on executions.id = execution_id
          where execution_id = ${id} and status in ('queued', 'running')
          order by step_id, stream`),
      ]),
    unfinishedTopic,
  };
}

async function append(
  database: Database,
  notifier: PostgresNotifier,
  ...[id, stepId, attempt, lines, fence]: Parameters<LogStore['append']>
): Promise<number> {
  if (lines.length === 0) return lastSeq(database, id);
  const chunk = encodeLines(lines);
  // The update takes the execution's row lock and gives the numbers; the lock is held to the end of the
  // statement, so that chunks become visible in the order of their numbers.
  const [row] = await database.sql<{ lastSeq: number }[]>`
    with numbered as (
      update executions set log_seq = log_seq + ${lines.length}
      where id = ${id} and owner = ${fence.owner} and epoch = ${fence.epoch}
        and status in ('queued', 'running')
      returning log_seq
    )
    insert into log_chunks (execution_id, first_seq, last_seq, step_id, attempt, stdout_lines, stderr_lines,
      size, runs, lines)
    select ${id}, log_seq - ${lines.length} + 1, log_seq, ${stepId}, ${attempt}, ${chunk.stdoutLines},
      ${chunk.stderrLines}, ${chunk.lines.length}, ${chunk.runs}, ${chunk.lines}
    from numbered
    returning last_seq as "lastSeq"`;
  if (!row) throw await refusal(database, id, fence);
  notifier.notify(logsTopic(id));
  return row.lastSeq;
}

/** No chunk is begun after `within` lines or `size` characters; no more than `limit` lines are answered. */
async function read(
  { sql }: Database,
  id: string,
  afterSeq: number,
  { within, size, limit }: { within: number; size: number; limit: number },
): Promise<LogPage> {
  // `size` lets PostgreSQL leave out, without unpacking them, the chunks that would be too much.
  const rows = await sql<(LogChunk & { logSeq: number; status: ExecutionStatus })[]>`
    select log_seq as "logSeq", status, first_seq as "firstSeq", last_seq as "lastSeq",
      chunk.step_id as "stepId", chunk.attempt, runs, lines
    from executions left join (
      select *, sum(size) over (order by first_seq) - size as size_before
      from log_chunks
      where execution_id = ${id} and first_seq <= ${afterSeq + within} and first_seq >= coalesce((
        select max(first_seq) from log_chunks where execution_id = ${id} and first_seq <= ${afterSeq + 1}
      ), 1)
    ) chunk on size_before < ${size} and last_seq > ${afterSeq}
    where executions.id = ${id}
    order by first_seq`;
  const [first] = rows;
  if (!first) throw new AppError('execution_not_found', `there is no execution ${id}`);
  const lines: LogLine[] = [];
  // Without any chunk there is one row, of the execution alone.
  if (first.firstSeq !== null) for (const row of rows) decodeLines(row, afterSeq, limit, null, lines);
  return {
    lines,
    // Where lines should be and are not, they were removed for their age.
    scannedTo: lines.at(-1)?.seq ?? Math.max(afterSeq, first.logSeq),
    lastSeq: first.logSeq,
    isClosed: isFinalExecution(first.status),
  };
}

async function lastSeq({ sql }: Database, id: string): Promise<number> {
  const [row] = await sql<{ logSeq: number }[]>`select log_seq as "logSeq" from executions where id = ${id}`;
  if (!row) throw new AppError('execution_not_found', `there is no execution ${id}`);
  return row.logSeq;
}

async function position(
  { sql }: Database,
  ...[id, stepId, attempt]: Parameters<LogStore['position']>
): ReturnType<LogStore['position']> {
  const [row] = await sql<(LogPosition & { size: number })[]>`
    select coalesce(sum(stdout_lines), 0)::integer as stdout,
      coalesce(sum(stderr_lines), 0)::integer as stderr, coalesce(sum(size + 1), 0)::float8 as size
    from log_chunks where execution_id = ${id} and step_id = ${stepId} and attempt = ${attempt}`;
  const end = async (stream: 'stdout' | 'stderr') => {
    const count = stream === 'stdout' ? sql`stdout_lines` : sql`stderr_lines`;
    const chunks = await sql<{ runs: string }[]>`
      select runs from log_chunks
      where execution_id = ${id} and step_id = ${stepId} and attempt = ${attempt} and ${count} > 0
      order by first_seq desc limit ${endChunks}`;
    return streamEndOf(
      chunks.map(({ runs }) => runs),
      stream,
    );
  };
  return {
    stdout: row?.stdout ?? 0,
    stderr: row?.stderr ?? 0,
    size: row?.size ?? 0,
    ends: { stdout: await end('stdout'), stderr: await end('stderr') },
  };
}

async function saveUnfinished(
  { sql }: Database,
  notifier: PostgresNotifier,
  ...[id, stepId, attempt, lines]: Parameters<LogStore['saveUnfinished']>
): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`delete from unfinished_lines where execution_id = ${id} and step_id = ${stepId}`;
    for (const { stream, text } of lines)
      await transaction`
        insert into unfinished_lines (execution_id, step_id, attempt, stream, text)
        values (${id}, ${stepId}, ${attempt}, ${stream}, ${text})
        on conflict (execution_id, step_id, stream) do update
        set attempt = excluded.attempt, text = excluded.text`;
  });
  notifier.notify(unfinishedTopic(id));
}
