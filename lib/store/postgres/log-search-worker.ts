import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '../../model/log-line';
import { serveRequests } from '../../threads/worker-host';
import { compileLogPattern } from '../log-pattern/compile-log-pattern';
import type { LogFilter } from '../store';
import { decodeLines, type LogChunk } from './log-chunk';

export interface ChunkSearch {
  chunks: LogChunk[];
  afterSeq: number;
  limit: number;
  filter: LogFilter;
}

export interface ChunkHits {
  lines: LogLine[];
  /** The last line that was looked at, where the time or the limit was used up before the end; else null. */
  stoppedAt: number | null;
}

/** The requests of the thread that searches in lines. */
export type LogSearchRequests = { search: (input: ChunkSearch) => ChunkHits };

/** Others wait meanwhile, so that a slow pattern has its turn and no more. */
const maxMs = 1_000;

serveRequests<LogSearchRequests>({
  search({ chunks, afterSeq, limit, filter }) {
    const lines: LogLine[] = [];
    const passes = lineFilter(filter);
    const endMs = performance.now() + maxMs;
    let lookedAt = 0;
    let isLate = false;
    const passesInTime = (line: LogLine) => {
      // At least one, so that every call comes further.
      isLate ||= lookedAt > 0 && performance.now() > endMs;
      if (isLate) return false;
      lookedAt = line.seq;
      return passes(line);
    };
    for (const chunk of chunks) {
      decodeLines(chunk, afterSeq, limit, passesInTime, lines);
      if (isLate) return { lines, stoppedAt: lookedAt };
      if (lines.length >= limit) return { lines, stoppedAt: lines.at(-1)?.seq ?? lookedAt };
    }
    return { lines, stoppedAt: null };
  },
});

function lineFilter({ stream, q, pattern }: LogFilter): (line: LogLine) => boolean {
  const wanted = q?.toLowerCase();
  const matches = pattern === undefined ? null : compileLogPattern(pattern);
  return (line) =>
    (stream === undefined || line.stream === stream) &&
    (wanted === undefined || line.text.toLowerCase().includes(wanted)) &&
    (matches === null || matches(withoutColours(line.text)));
}

/** A line is matched as a person reads it. */
function withoutColours(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
}
