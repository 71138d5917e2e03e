/** A line of a container's log with its time, or the last one without its ending. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds, as the cluster gave it. */
  time: string;
  /** With its newline, unless it is a last one without. */
  content: Buffer;
}

const newline = 0x0a;
const space = 0x20;
/** Container runtimes cut longer lines into pieces of this many bytes, and kubelets write the time before each. */
const pieceBytes = 16_384;
const timeAtStart = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;
const longestTime = 36;

/** Feeds chunks of a log with timestamps; the entries that each completes come out whole. */
export function createEntryReader() {
  let pending: Buffer[] = [];

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

function entryOf(line: Buffer): LogEntry {
  const at = line.indexOf(space);
  const content = line.subarray(at + 1);
  return {
    time: line.toString('latin1', 0, at),
    content: content.length > pieceBytes ? withoutInnerTimes(content) : content,
  };
}

function withoutInnerTimes(content: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    if (at > 0) {
      const found = timeAtStart.exec(content.toString('latin1', at, at + longestTime));
      if (found) at += found[0].length;
    }
    pieces.push(content.subarray(at, at + pieceBytes));
    at += pieceBytes;
  }
  return Buffer.concat(pieces);
}
