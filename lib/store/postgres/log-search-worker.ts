import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '../../model/log-line';
import { serveRequests } from '../../threads/worker-host';
import { compileLogPattern } from '../log-pattern/compile-log-pattern';
import type { LogFilter } from '../store';
import { type ChunkHits, findLines } from './find-lines';
import type { LogChunk } from './log-chunk';

export interface ChunkSearch {
  chunks: LogChunk[];
  afterSeq: number;
  limit: number;
  /** Characters. */
  size: number;
  filter: LogFilter;
}

/** The requests of the thread that searches in lines. Both throw `pattern_invalid` for what is no pattern. */
export type LogSearchRequests = {
  search: (input: ChunkSearch) => ChunkHits;
  check: (pattern: string) => null;
};

/** Others wait meanwhile, so that a slow pattern has its turn and no more. */
const maxMs = 1_000;
/** A search asks for many groups of chunks, and compiling is slow. */
let compiled: { pattern: string; matches: (text: string) => boolean } | null = null;

serveRequests<LogSearchRequests>({
  search({ chunks, filter, ...limits }) {
    const passes = lineFilter(filter);
    return findLines(chunks, { ...limits, endMs: performance.now() + maxMs }, passes);
  },
  check(pattern) {
    matcherOf(pattern);
    return null;
  },
});

function matcherOf(pattern: string): (text: string) => boolean {
  if (compiled?.pattern !== pattern) compiled = { pattern, matches: compileLogPattern(pattern) };
  return compiled.matches;
}

function lineFilter({ stream, q, pattern }: LogFilter): (line: LogLine) => boolean {
  const wanted = q?.toLowerCase();
  const matches = pattern === undefined ? null : matcherOf(pattern);
  return (line) =>
    (stream === undefined || line.stream === stream) &&
    (wanted === undefined || line.text.toLowerCase().includes(wanted)) &&
    (matches === null || matches(withoutColours(line.text)));
}

/** A line is matched as a person reads it. */
function withoutColours(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
}
