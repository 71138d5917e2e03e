/** A piece of what a step printed: the payload of one frame or of several that follow each other. */
export interface Piece {
  stream: 'stdout' | 'stderr';
  atMs: number;
  bytes: Buffer;
}

export interface FrameReader {
  /** The pieces that this chunk of the file completes or goes on with. They may be parts of the chunk. */
  push(chunk: Buffer): Piece[];
  /** The last frame was read. */
  isWhole(): boolean;
}

const headerBytes = 16;
const streams = { 1: 'stdout', 2: 'stderr' } as const;

/** Reads the file that `step-recorder.c` writes and describes, from its beginning and however the chunks are cut. */
export function createFrameReader(): FrameReader {
  const header = Buffer.alloc(headerBytes);
  let headerUsed = 0;
  let atMs = 0;
  let stream: Piece['stream'] = 'stdout';
  let payloadLeft = 0;
  let isWhole = false;

  /** Takes what the chunk has of a header; answers the place after it. */
  function readHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(header, headerUsed, at, at + headerBytes - headerUsed);
    headerUsed += taken;
    if (headerUsed < headerBytes) return at + taken;
    headerUsed = 0;
    atMs = Number(header.readBigUInt64LE(0));
    payloadLeft = header.readUInt32LE(8);
    const number = header[12];
    if (number === 1 || number === 2) stream = streams[number];
    else if (number === 0) isWhole = true;
    else throw new Error(`a frame of the stream ${number} is in the recorded output`);
    return at + taken;
  }

  return {
    isWhole: () => isWhole,
    push(chunk) {
      const gathered = gatherPieces();
      for (let at = 0; at < chunk.length && !isWhole; ) {
        if (payloadLeft === 0) {
          at = readHeader(chunk, at);
          continue;
        }
        const bytes = chunk.subarray(at, at + payloadLeft);
        gathered.add(stream, atMs, bytes);
        payloadLeft -= bytes.length;
        at += bytes.length;
      }
      return gathered.take();
    },
  };
}

/** Joins neighbours of one stream and millisecond: a splitter is much faster with few large pieces. */
function gatherPieces() {
  const pieces: Piece[] = [];
  let parts: Buffer[] = [];
  let current: { stream: Piece['stream']; atMs: number } | null = null;

  function close(): void {
    const [first, ...more] = parts;
    if (current && first)
      pieces.push({ ...current, bytes: more.length === 0 ? first : Buffer.concat(parts) });
    parts = [];
  }

  return {
    add(stream: Piece['stream'], atMs: number, bytes: Buffer): void {
      if (current?.stream !== stream || current.atMs !== atMs) {
        close();
        current = { stream, atMs };
      }
      parts.push(bytes);
    },
    take(): Piece[] {
      close();
      return pieces;
    },
  };
}
