export type FrameStream = 'stdout' | 'stderr';

/** Feeds chunks of Docker's multiplexed stream: 8 bytes of header (stream, length), then the payload. */
export type FrameReader = (chunk: Buffer) => void;

const headerBytes = 8;

/** For attach: payloads come as soon as any of their bytes are there, without copying. */
export function readFrames(onPayload: (stream: FrameStream, payload: Buffer) => void): FrameReader {
  let header: Buffer = Buffer.alloc(0);
  let stream: FrameStream = 'stdout';
  let left = 0;

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const end = Math.min(chunk.length, at + left);
        onPayload(stream, chunk.subarray(at, end));
        left -= end - at;
        at = end;
        continue;
      }
      const end = Math.min(chunk.length, at + headerBytes - header.length);
      const part = chunk.subarray(at, end);
      at = end;
      header = header.length === 0 ? part : Buffer.concat([header, part]);
      if (header.length < headerBytes) {
        header = Buffer.from(header);
        break;
      }
      stream = header[0] === 2 ? 'stderr' : 'stdout';
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  };
}

/** An entry of a log that is read with timestamps: a line, or 16 KiB of a longer one. */
export interface LogEntry {
  stream: FrameStream;
  atMs: number;
  payload: Buffer;
  /** The payload with the time before it, as the engine sent it. */
  whole: Buffer;
}

/** For logs with timestamps: a frame is an entry of the log file with a time before it. */
export function readLogEntries(onEntry: (entry: LogEntry) => void): FrameReader {
  const parseTime = createTimeParser();
  let entry: Buffer[] = [];
  let entryStream: FrameStream = 'stdout';
  let missing = 0;
  let rest: Buffer = Buffer.alloc(0);

  function finish(stream: FrameStream, whole: Buffer): void {
    const space = whole.indexOf(0x20);
    const atMs = parseTime(whole.toString('latin1', 0, space));
    onEntry({ stream, atMs, payload: whole.subarray(space + 1), whole });
  }

  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (missing > 0) {
        const part = bytes.subarray(0, missing);
        entry.push(Buffer.from(part));
        missing -= part.length;
        bytes = bytes.subarray(part.length);
        if (missing === 0) finish(entryStream, Buffer.concat(entry));
        continue;
      }
      if (bytes.length < headerBytes) {
        rest = Buffer.from(bytes);
        return;
      }
      const stream = bytes[0] === 2 ? 'stderr' : 'stdout';
      const length = bytes.readUInt32BE(4);
      if (bytes.length >= headerBytes + length) {
        finish(stream, bytes.subarray(headerBytes, headerBytes + length));
        bytes = bytes.subarray(headerBytes + length);
      } else {
        entry = [Buffer.from(bytes.subarray(headerBytes))];
        entryStream = stream;
        missing = headerBytes + length - bytes.length;
        bytes = Buffer.alloc(0);
      }
    }
  };
}

/** RFC 3339 to milliseconds; of times within one second only the first costs a parse. */
function createTimeParser(): (time: string) => number {
  let second = '';
  let zone = '';
  let secondMs = 0;
  return (time) => {
    const fraction = /^\.\d+/.exec(time.slice(19))?.[0] ?? '';
    if (time.slice(0, 19) !== second || time.slice(19 + fraction.length) !== zone) {
      second = time.slice(0, 19);
      zone = time.slice(19 + fraction.length);
      secondMs = Date.parse(second + zone);
    }
    return secondMs + Math.floor(Number(`0${fraction}`) * 1000);
  };
}
