import { createTimeParser, type LogTime } from './log-time';

/** A line of a container's log with its time, or the last one without its ending. */
export interface LogEntry {
  /** Null for the rest of a line whose beginning is older than what was asked for: it has none. */
  time: LogTime | null;
  /** With its newline, unless it is a last one without. */
  content: Buffer;
}

const newline = 0x0a;
const space = 0x20;
/** Container runtimes cut longer lines into pieces of this many bytes. */
export const pieceBytes = 16_384;
/** As kubelets write it: nine digits of a second. */
const innerTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) /;
const maxTimeBytes = 36;

/**
 * Feeds chunks of a log with timestamps; the entries that each completes come out whole. `hasInnerTimes`: kubelets before
 * 1.26 write a time before each piece of a long line.
 */
export function createEntryReader({ hasInnerTimes }: { hasInnerTimes: boolean }) {
  const parseTime = createTimeParser();
  let pending: Buffer[] = [];

  function entryOf(line: Buffer): LogEntry {
    const at = line.subarray(0, maxTimeBytes).indexOf(space);
    const time = at < 0 ? null : parseTime(line.toString('latin1', 0, at));
    const content = time ? line.subarray(at + 1) : line;
    return {
      time,
      content: hasInnerTimes && content.length > pieceBytes ? withoutInnerTimes(content) : content,
    };
  }

  return {
    push(chunk: Buffer): LogEntry[] {
      const end = chunk.lastIndexOf(newline);
      if (end < 0) {
        pending.push(chunk);
        return [];
      }
      const bytes = Buffer.concat([...pending, chunk.subarray(0, end + 1)]);
      pending = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
      const entries: LogEntry[] = [];
      for (let start = 0; start < bytes.length; ) {
        const stop = bytes.indexOf(newline, start) + 1;
        entries.push(entryOf(bytes.subarray(start, stop)));
        start = stop;
      }
      return entries;
    },
    /** What is there of an entry that has no end. */
    rest(): LogEntry | null {
      const bytes = Buffer.concat(pending);
      pending = [];
      return bytes.length === 0 ? null : entryOf(bytes);
    },
  };
}

/** A kubelet writes all of them or none: one piece without a time tells that the others are the program's own text. */
function withoutInnerTimes(content: Buffer): Buffer {
  const pieces: Buffer[] = [content.subarray(0, pieceBytes)];
  for (let at = pieceBytes; at < content.length; ) {
    const found = innerTime.exec(content.toString('latin1', at, at + maxTimeBytes));
    if (!found) return content;
    at += found[0].length;
    pieces.push(content.subarray(at, at + pieceBytes));
    at += pieceBytes;
  }
  return Buffer.concat(pieces);
}
