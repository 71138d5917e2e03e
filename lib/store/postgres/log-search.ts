import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { LogLine } from '../../model/log-line';
import { type ExecutionStatus, isFinalExecution } from '../../model/status';
import { startWorkerClient } from '../../threads/worker-client';
import { requiredText } from '../log-pattern/required-text';
import type { LogFilter, LogPage } from '../store';
import type { Database } from './database';
import { type ChunkHits, findLines, type HitLimits } from './find-lines';
import type { LogChunk } from './log-chunk';
import type { LogSearchRequests } from './log-search-worker';

/** One read looks at no more lines than this, and takes little more time; the caller goes on from `scannedTo`. */
const maxLines = 2_000_000;
const maxMs = 3_000;
/** Characters of the hits of one read, as of a page without a filter. */
const maxSize = 4_000_000;
const firstPageChunks = 4;
const maxPageChunks = 64;
/** Characters that the thread is given at a time. */
const maxGroupSize = 4_000_000;

/**
 * Finds lines that pass a filter. PostgreSQL picks the chunks that can have hits (a plain search in the lower-cased text
 * under the C collation is several times faster than ILIKE), and a thread looks at each of their lines, one search after
 * the other, for the text or the pattern. Without either, every chunk has hits, and this thread decodes them.
 */
export interface LogSearch {
  search(
    id: string,
    afterSeq: number,
    limit: number,
    filter: LogFilter,
    signal?: AbortSignal,
  ): Promise<LogPage>;
  /** Rejects with `pattern_invalid` what is no pattern. */
  check(pattern: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function createLogSearch({ clock }: { clock: Clock }, database: Database): LogSearch {
  const thread = startWorkerClient<LogSearchRequests>(
    { clock },
    { module: 'lib/store/postgres/log-search-worker.ts', doing: 'searching the log' },
  );

  async function look(
    chunks: LogChunk[],
    { limit, size, ...rest }: HitLimits,
    filter: LogFilter,
    signal: AbortSignal | undefined,
  ): Promise<ChunkHits> {
    if (!needsThread(filter)) return findLines(chunks, { limit, size, ...rest }, streamTest(filter));
    const found: ChunkHits = { lines: [], stoppedAt: null };
    let left = size;
    for (const group of groupsOf(chunks)) {
      const { lines, stoppedAt } = await thread.call(
        'search',
        { chunks: group, afterSeq: rest.afterSeq, limit: limit - found.lines.length, size: left, filter },
        signal,
      );
      found.lines.push(...lines);
      left -= sizeOf(lines);
      const isOver = left <= 0 || performance.now() > rest.endMs;
      found.stoppedAt = stoppedAt ?? (isOver ? (group.at(-1)?.lastSeq ?? null) : null);
      if (found.stoppedAt !== null) break;
    }
    return found;
  }

  const check = async (pattern: string, signal?: AbortSignal) => {
    await thread.call('check', pattern, signal);
  };

  return {
    check,
    async search(id, afterSeq, limit, filter, signal) {
      const endMs = performance.now() + maxMs;
      if (filter.pattern !== undefined) await check(filter.pattern, signal);
      const { first, last, state } = await rangeOf(database, id, afterSeq);
      if (last <= afterSeq) return { lines: [], scannedTo: afterSeq, ...state };
      const lines: LogLine[] = [];
      let from = first;
      for (let page = firstPageChunks; ; page = Math.min(page * 2, maxPageChunks)) {
        if (signal?.aborted)
          throw new AppError('bad_request', 'The client has left while its search went on.');
        const chunks = await readChunks(database, id, { from, last, page }, filter);
        const limits = { afterSeq, limit: limit - lines.length, size: maxSize - sizeOf(lines), endMs };
        const found = await look(chunks, limits, filter, signal);
        lines.push(...found.lines);
        if (found.stoppedAt !== null) return { lines, scannedTo: found.stoppedAt, ...state };
        const end = chunks.at(-1);
        if (!end || chunks.length < page) return { lines, scannedTo: last, ...state };
        if (performance.now() > endMs || sizeOf(lines) >= maxSize)
          return { lines, scannedTo: end.lastSeq, ...state };
        from = end.lastSeq + 1;
      }
    },
    close: () => thread.close(),
  };
}

function needsThread({ q, pattern }: LogFilter): boolean {
  return q !== undefined || pattern !== undefined;
}

function sizeOf(lines: readonly LogLine[]): number {
  return lines.reduce((size, { text }) => size + text.length, 0);
}

async function rangeOf({ sql }: Database, id: string, afterSeq: number) {
  const [range] = await sql<{ first: number | null; logSeq: number; status: ExecutionStatus }[]>`
    select log_seq as "logSeq", status, (
      select max(first_seq) from log_chunks where execution_id = ${id} and first_seq <= ${afterSeq + 1}
    ) as first
    from executions where id = ${id}`;
  if (!range) throw new AppError('execution_not_found', `there is no execution ${id}`);
  return {
    first: range.first ?? 1,
    last: Math.min(range.logSeq, afterSeq + maxLines),
    state: { lastSeq: range.logSeq, isClosed: isFinalExecution(range.status) },
  };
}

/** The next chunks that can have hits, in order. */
async function readChunks(
  { sql }: Database,
  id: string,
  { from, last, page }: { from: number; last: number; page: number },
  filter: LogFilter,
): Promise<LogChunk[]> {
  const text = filter.q ? longestAsciiRun(filter.q) : '';
  const required = filter.pattern ? requiredText(filter.pattern) : '';
  // In order first, and only then looked into (`offset 0` keeps the two apart): else PostgreSQL may look into all of
  // them for each page, to sort what it has found.
  return sql<LogChunk[]>`
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
    where true
      ${text ? sql`and strpos(lower(lines collate "C"), ${text}) > 0` : sql``}
      ${required ? sql`and (strpos(lower(lines collate "C"), ${required}) > 0 or strpos(lines, chr(27)) > 0 or strpos(lines, chr(155)) > 0)` : sql``}
    order by "firstSeq"
    limit ${page}`;
}

function streamTest({ stream }: LogFilter): (line: LogLine) => boolean {
  return (line) => stream === undefined || line.stream === stream;
}

function* groupsOf(chunks: readonly LogChunk[]): Generator<LogChunk[]> {
  let group: LogChunk[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (group.length > 0 && size + chunk.lines.length > maxGroupSize) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(chunk);
    size += chunk.lines.length;
  }
  if (group.length > 0) yield group;
}

/** Lower-cased. The C collation lower-cases ASCII alone, so only that part is searched in PostgreSQL. */
function longestAsciiRun(text: string): string {
  const runs = text.match(/[\x20-\x7e]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '').toLowerCase();
}
