import type { LogStream, OutputLine } from '../model/log-line';
import { lastState } from './unfinished-lines';

export interface LineSplitter {
  /** The lines that this chunk completes. The chunk may be reused by the caller afterwards. */
  push(chunk: Uint8Array, atMs: number): OutputLine[];
  /** The last line, when the stream ended without a line ending. */
  flush(atMs: number): OutputLine[];
}

/** Longer lines are delivered in pieces of this many bytes. */
export const maxLineBytes = 1_048_576;

/** What the text of a piece ends with when its line goes on in the next one. */
export const continuationMark = ' …[line continues]';

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Bytes of one stream to lines, however the chunks are cut: `\n` and `\r\n` end a line, of one that `\r` rewrites the
 * last state counts, NUL becomes U+2400 and invalid UTF-8 U+FFFD. The lines depend on the bytes alone, never on the chunks, so that a reader who starts
 * again from the beginning can skip by counting.
 */
export function createLineSplitter(stream: LogStream, limit = maxLineBytes): LineSplitter {
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  function takePending(last: Buffer): Buffer {
    const whole = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    pendingBytes = 0;
    return whole;
  }

  /** Two bytes over the limit: even if the last one belongs to a `\r\n`, the line is too long. */
  function cutPending(texts: string[]): void {
    if (pendingBytes < limit + 2) return;
    const rest = cutPieces(takePending(Buffer.alloc(0)), limit, 2, texts);
    pending = [rest];
    pendingBytes = rest.length;
  }

  return {
    push(chunk, atMs) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const end = bytes.lastIndexOf(newline);
      const texts = end < 0 ? [] : completeLines(takePending(bytes.subarray(0, end + 1)), limit);
      if (end + 1 < bytes.length) {
        pending.push(Buffer.from(bytes.subarray(end + 1)));
        pendingBytes += bytes.length - end - 1;
        cutPending(texts);
      }
      return texts.map((text) => ({ stream, atMs, text }));
    },
    flush(atMs) {
      if (pendingBytes === 0) return [];
      const texts: string[] = [];
      const rest = cutPieces(takePending(Buffer.alloc(0)), limit, 1, texts);
      texts.push(textOf(rest));
      return texts.map((text) => ({ stream, atMs, text }));
    },
  };
}

/** `bytes` ends with a newline. Decoding them at once is many times faster than line by line. */
function completeLines(bytes: Buffer, limit: number): string[] {
  if (hasLineOver(bytes, limit)) return linesOneByOne(bytes, limit);
  const text = decode(bytes.subarray(0, -1));
  const lines = text.split('\n');
  return text.includes('\r') ? lines.map(lastState) : lines;
}

function linesOneByOne(bytes: Buffer, limit: number): string[] {
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    const contentEnd = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
    texts.push(textOf(cutPieces(bytes.subarray(start, contentEnd), limit, 1, texts)));
    start = end + 1;
  }
  return texts;
}

/** May say yes to a line of exactly the limit; looks at few bytes. */
function hasLineOver(bytes: Buffer, limit: number): boolean {
  for (let start = 0; bytes.length - start > limit; ) {
    const end = bytes.lastIndexOf(newline, start + limit);
    if (end < start) return true;
    start = end + 1;
  }
  return false;
}

/** Cuts pieces off while at least `over` bytes exceed the limit; returns the rest. */
function cutPieces(bytes: Buffer, limit: number, over: number, texts: string[]): Buffer {
  let rest = bytes;
  while (rest.length >= limit + over) {
    const end = characterBoundary(rest, limit);
    texts.push(textOf(rest.subarray(0, end)) + continuationMark);
    rest = rest.subarray(end);
  }
  return rest;
}

/** The last place at or before `end` that does not split a UTF-8 sequence; `end` where that is none. */
function characterBoundary(bytes: Buffer, end: number): number {
  for (let at = end; at > Math.max(0, end - 4); at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return end;
}

function textOf(bytes: Buffer): string {
  return lastState(decode(bytes));
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '␀') : text;
}
