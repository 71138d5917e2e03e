import { AppError } from '../../model/errors';
import type { LogLine, LogWindow, StepLines } from '../../model/log-line';
import { type ExecutionStatus, isFinalExecution } from '../../model/status';
import type { Database } from './database';
import { decodeLines, type LogChunk } from './log-chunk';

/** Characters after which no further line is answered. */
const maxSize = 4_000_000;

/**
 * Lines of one step by their row: the chunks of a step are its index, so that any part of it costs the same. Neither the
 * lines before the window nor those of other steps are unpacked.
 */
export async function readStepLines(
  { sql }: Database,
  id: string,
  { stepId, attempt, limit, ...where }: LogWindow,
): Promise<StepLines> {
  const ofStep = sql`execution_id = ${id} and step_id = ${stepId} ${
    attempt === undefined ? sql`` : sql`and attempt = ${attempt}`
  }`;
  // A line that is not one of the step stands for the last one before it.
  const around = where.around ?? null;
  const [state] = await sql<{ total: number; before: number; logSeq: number; status: ExecutionStatus }[]>`
    select log_seq as "logSeq", status, total, before
    from executions, (
      select coalesce(sum(last_seq - first_seq + 1), 0)::integer as total,
        coalesce(sum(greatest(0, least(last_seq, ${around ?? 0}) - first_seq + 1)), 0)::integer as before
      from log_chunks where ${ofStep}
    ) own
    where executions.id = ${id}`;
  if (!state) throw new AppError('execution_not_found', `there is no execution ${id}`);
  const row = Math.max(1, around === null ? (where.row ?? 1) : state.before - Math.floor(limit / 2));
  const chunks = await sql<(LogChunk & { before: number })[]>`
    select first_seq as "firstSeq", last_seq as "lastSeq", step_id as "stepId", attempt, runs, lines, before
    from (
      select first_seq, (sum(last_seq - first_seq + 1) over (order by first_seq))::integer as upto,
        (sum(last_seq - first_seq + 1) over (order by first_seq) - (last_seq - first_seq + 1))::integer as before
      from log_chunks where ${ofStep}
    ) index join log_chunks using (first_seq)
    where execution_id = ${id} and upto >= ${row} and before < ${row + limit - 1}
    order by first_seq`;
  const lines: LogLine[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (lines.length >= limit || size >= maxSize) break;
    const skipped = Math.max(0, row - 1 - chunk.before);
    decodeLines(chunk, chunk.firstSeq + skipped - 1, limit, null, lines);
    size += chunk.lines.length;
  }
  return {
    lines,
    row,
    total: state.total,
    lastSeq: state.logSeq,
    isClosed: isFinalExecution(state.status),
  };
}
