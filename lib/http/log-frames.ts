import type { LogLine, UnfinishedStepLine } from '../model/log-line';
import type { LogFilter, LogStore } from '../store/store';
import { type Batch, oncePerBatch } from '../streams/batch';
import { mergeBeside } from '../streams/merge';
import type { ExecutionStreams } from './execution-streams';
import { frame } from './sse';

export interface LineEncoder {
  /** Encoded once for all who follow. */
  batch(batch: Batch<LogLine>): Uint8Array;
  lines(lines: readonly LogLine[]): Uint8Array;
}

const encoder = new TextEncoder();

const single: LineEncoder = encoderOf((lines) =>
  lines.map((line) => frame(line.seq, JSON.stringify(line))).join(''),
);

const batched: LineEncoder = encoderOf((lines) => frame(lines.at(-1)?.seq ?? 0, JSON.stringify(lines)));

/** A frame for each line, or one with a list for each batch. */
export function encodeLines(inBatches: boolean): LineEncoder {
  return inBatches ? batched : single;
}

/** Lines as frames, and beside them what has no line end yet. */
export function withUnfinished(
  { unfinished }: Pick<ExecutionStreams, 'unfinished'>,
  id: string,
  filter: LogFilter,
  frames: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): (signal: AbortSignal) => AsyncIterable<Uint8Array> {
  return (signal) =>
    mergeBeside(frames(signal), (beside) => unfinishedFrames(unfinished(id, beside), filter), signal);
}

/**
 * What has no line end yet of what the reader wants, each time as one frame, where it is another than before. The first
 * goes out even if it is empty: a reader that comes back may still show what it had seen.
 */
async function* unfinishedFrames(
  unfinished: AsyncIterable<readonly UnfinishedStepLine[]>,
  { stepId, attempt, stream }: LogFilter,
): AsyncGenerator<Uint8Array> {
  let before = '';
  for await (const lines of unfinished) {
    const wanted = lines.filter(
      (line) =>
        (stepId === undefined || line.stepId === stepId) &&
        (attempt === undefined || line.attempt === attempt) &&
        (stream === undefined || line.stream === stream),
    );
    const now = JSON.stringify(wanted);
    if (now !== before) yield encoder.encode(`event: unfinished\ndata: ${now}\n\n`);
    before = now;
  }
}

/**
 * Line by line, as they were printed; ends with what is stored now. The first page is read before the answer begins, so
 * that what is refused is refused with a status.
 */
export async function linesAsText(
  logs: Pick<LogStore, 'read'>,
  id: string,
  afterSeq: number,
  filter: LogFilter,
): Promise<AsyncIterable<Uint8Array>> {
  const read = (seq: number) => logs.read(id, seq, 5_000, filter);
  const first = await read(afterSeq);
  async function* texts(): AsyncGenerator<Uint8Array> {
    let page = first;
    for (let seq = afterSeq; ; page = await read(seq)) {
      if (page.lines.length > 0) yield encoder.encode(page.lines.map((line) => `${line.text}\n`).join(''));
      if (page.scannedTo >= page.lastSeq || page.scannedTo <= seq) return;
      seq = page.scannedTo;
    }
  }
  return texts();
}

function encoderOf(encode: (lines: readonly LogLine[]) => string): LineEncoder {
  const lines = (given: readonly LogLine[]) => encoder.encode(encode(given));
  return { lines, batch: oncePerBatch(lines) };
}
