import type { LogLine } from '../../model/log-line';
import { decodeLines, type LogChunk } from './log-chunk';

export interface ChunkHits {
  lines: LogLine[];
  /** The last line that was looked at, where the time or a limit was used up before the end; else null. */
  stoppedAt: number | null;
}

export interface HitLimits {
  afterSeq: number;
  /** Of lines. */
  limit: number;
  /** Characters after which no further line is looked at. */
  size: number;
  /** As `performance.now()` of this thread. */
  endMs: number;
}

/** The lines that pass. Looks at least at one, so that every call comes further. */
export function findLines(
  chunks: readonly LogChunk[],
  { afterSeq, limit, size, endMs }: HitLimits,
  passes: (line: LogLine) => boolean,
): ChunkHits {
  const lines: LogLine[] = [];
  let lookedAt = 0;
  let left = size;
  let isOver = false;
  const passesInTime = (line: LogLine) => {
    isOver ||= lookedAt > 0 && (left <= 0 || performance.now() > endMs);
    if (isOver) return false;
    lookedAt = line.seq;
    if (!passes(line)) return false;
    left -= line.text.length;
    return true;
  };
  for (const chunk of chunks) {
    decodeLines(chunk, afterSeq, limit, passesInTime, lines);
    if (isOver) return { lines, stoppedAt: lookedAt };
    if (lines.length >= limit) return { lines, stoppedAt: lines.at(-1)?.seq ?? lookedAt };
  }
  return { lines, stoppedAt: null };
}
