import type { LogLine, LogStream, OutputLine, StreamEnd } from '../../model/log-line';

/** The lines of one call, as a row holds them. */
export interface EncodedLines {
  /** Joined by line feeds. */
  lines: string;
  /**
   * Runs of lines with the same stream and time, as a JSON list of numbers in threes: the stream (0 stdout,
   * 1 stderr, 2 system), the milliseconds since the run before (since 1970 for the first), and how many lines.
   */
  runs: string;
  stdoutLines: number;
  stderrLines: number;
}

/** The columns of a stored chunk from which its lines are decoded. */
export interface LogChunk {
  firstSeq: number;
  lastSeq: number;
  stepId: string;
  attempt: number;
  runs: string;
  lines: string;
}

const streams = ['stdout', 'stderr', 'system'] as const;
const streamNumbers: Record<LogStream, number> = { stdout: 0, stderr: 1, system: 2 };

/**
 * Backends deliver lines without line feeds and NUL. Should one slip through, it becomes a visible U+240A or
 * U+2400: the first would shift the numbers of all lines behind it, the second PostgreSQL refuses.
 */
export function encodeLines(output: readonly OutputLine[]): EncodedLines {
  const runs: number[] = [];
  const counts = [0, 0, 0];
  const texts: string[] = new Array(output.length);
  let lastStream = -1;
  let lastMs = 0;
  let position = 0;
  for (const line of output) {
    const stream = streamNumbers[line.stream];
    const atMs = Math.round(line.atMs);
    if (stream === lastStream && atMs === lastMs) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else runs.push(stream, atMs - lastMs, 1);
    counts[stream] = (counts[stream] ?? 0) + 1;
    lastStream = stream;
    lastMs = atMs;
    texts[position++] = line.text.includes('\n') ? line.text.replaceAll('\n', '\u240a') : line.text;
  }
  const lines = texts.join('\n');
  return {
    lines: lines.includes('\0') ? lines.replaceAll('\0', '\u2400') : lines,
    runs: JSON.stringify(runs),
    stdoutLines: counts[0] ?? 0,
    stderrLines: counts[1] ?? 0,
  };
}

/** The lines of a chunk with seq > `afterSeq` that pass, appended to `into` until it holds `limit`. */
export function decodeLines(
  chunk: LogChunk,
  afterSeq: number,
  limit: number,
  passes: ((line: LogLine) => boolean) | null,
  into: LogLine[],
): void {
  const texts = chunk.lines.split('\n');
  const runs: number[] = JSON.parse(chunk.runs);
  let index = 0;
  let ms = 0;
  for (let run = 0; run + 2 < runs.length; run += 3) {
    ms += runs[run + 1] ?? 0;
    const end = index + (runs[run + 2] ?? 0);
    if (chunk.firstSeq + end - 1 <= afterSeq) {
      index = end;
      continue;
    }
    const stream = streams[runs[run] ?? 0] ?? 'system';
    const at = new Date(ms).toISOString();
    for (; index < end; index += 1) {
      const seq = chunk.firstSeq + index;
      if (seq <= afterSeq) continue;
      if (into.length >= limit) return;
      const line = {
        seq,
        at,
        stepId: chunk.stepId,
        attempt: chunk.attempt,
        stream,
        text: texts[index] ?? '',
      };
      if (!passes || passes(line)) into.push(line);
    }
  }
}

/** The end of a stream, from the `runs` of its last chunks, newest first; null when they have none of its lines. */
export function streamEndOf(chunks: readonly string[], stream: LogStream): StreamEnd | null {
  let lastMs: number | null = null;
  let lines = 0;
  for (const text of chunks) {
    const runs: number[] = JSON.parse(text);
    let ms = 0;
    const times: { atMs: number; count: number }[] = [];
    for (let run = 0; run + 2 < runs.length; run += 3) {
      ms += runs[run + 1] ?? 0;
      if (runs[run] === streamNumbers[stream]) times.push({ atMs: ms, count: runs[run + 2] ?? 0 });
    }
    for (const { atMs, count } of times.reverse()) {
      if (lastMs !== null && lastMs !== atMs) return { atMs: lastMs, lines };
      lastMs = atMs;
      lines += count;
    }
  }
  return lastMs === null ? null : { atMs: lastMs, lines };
}
