import { AppError } from '../../model/errors';
import type { LogLine } from '../../model/log-line';
import { type ExecutionStatus, isFinalExecution } from '../../model/status';
import type { LogFilter, LogPage } from '../store';
import type { Database } from './database';
import { decodeLines, type LogChunk } from './log-chunk';

/** One read looks at no more lines than this; the caller goes on from `scannedTo`. */
const maxLines = 2_000_000;
const firstPageChunks = 4;
const maxPageChunks = 64;

/**
 * Lines that pass a filter. PostgreSQL picks the chunks that can have hits (a plain search in the lower-cased
 * text under the C collation is several times faster than ILIKE), then each of their lines is looked at.
 */
export async function searchLog(
  { sql }: Database,
  id: string,
  afterSeq: number,
  limit: number,
  filter: LogFilter,
): Promise<LogPage> {
  const [range] = await sql<{ first: number | null; logSeq: number; status: ExecutionStatus }[]>`
    select log_seq as "logSeq", status, (
      select max(first_seq) from log_chunks where execution_id = ${id} and first_seq <= ${afterSeq + 1}
    ) as first
    from executions where id = ${id}`;
  if (!range) throw new AppError('execution_not_found', `there is no execution ${id}`);
  const state = { lastSeq: range.logSeq, isClosed: isFinalExecution(range.status) };
  const last = Math.min(range.logSeq, afterSeq + maxLines);
  if (last <= afterSeq) return { lines: [], scannedTo: afterSeq, ...state };
  const text = filter.q ? longestAsciiRun(filter.q) : '';
  const passes = lineFilter(filter);
  const lines: LogLine[] = [];
  let from = range.first ?? 1;
  for (let page = firstPageChunks; ; page = Math.min(page * 2, maxPageChunks)) {
    // In order first, and only then looked into (`offset 0` keeps the two apart): else PostgreSQL may look into all of
    // them for each page, to sort what it has found.
    const chunks = await sql<LogChunk[]>`
      select "firstSeq", "lastSeq", "stepId", attempt, runs, lines
      from (
        select first_seq as "firstSeq", last_seq as "lastSeq", step_id as "stepId", attempt, runs, lines
        from log_chunks
        where execution_id = ${id} and first_seq >= ${from} and first_seq <= ${last}
          ${filter.stepId === undefined ? sql`` : sql`and step_id = ${filter.stepId}`}
          ${filter.attempt === undefined ? sql`` : sql`and attempt = ${filter.attempt}`}
          ${filter.stream === 'stdout' ? sql`and stdout_lines > 0` : sql``}
          ${filter.stream === 'stderr' ? sql`and stderr_lines > 0` : sql``}
          ${filter.stream === 'system' ? sql`and stdout_lines + stderr_lines <= last_seq - first_seq` : sql``}
        order by first_seq
        offset 0
      ) chunk
      ${text ? sql`where strpos(lower(lines collate "C"), ${text}) > 0` : sql``}
      order by "firstSeq"
      limit ${page}`;
    for (const chunk of chunks) {
      decodeLines(chunk, afterSeq, limit, passes, lines);
      if (lines.length >= limit) return { lines, scannedTo: lines.at(-1)?.seq ?? afterSeq, ...state };
      from = chunk.lastSeq + 1;
    }
    if (chunks.length < page) return { lines, scannedTo: last, ...state };
  }
}

function lineFilter(filter: LogFilter): (line: LogLine) => boolean {
  const wanted = filter.q?.toLowerCase();
  return (line) =>
    (filter.stream === undefined || line.stream === filter.stream) &&
    (wanted === undefined || line.text.toLowerCase().includes(wanted));
}

/** Lower-cased. The C collation lower-cases ASCII alone, so only that part is searched in PostgreSQL. */
function longestAsciiRun(text: string): string {
  const runs = text.match(/[\x20-\x7e]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '').toLowerCase();
}
