import { createLineMasker } from '../backends/mask-lines';
import { StoreFull } from '../model/errors';
import type { OutputLine } from '../model/log-line';
import type { Masker } from '../model/masker';
import type { Fence, LogStore } from '../store/store';
import { type RetryDependencies, retryStore } from './retry-store';

/** Why a wait is over; without a reason an error is made each time, which costs more than the wait. */
const flushBytes = 'enough';
/** From one chunk to the next. */
const delayMs = 40;
/** From the first line after a silence to its chunk: the next ones are often close behind. */
const firstDelayMs = 15;
const chunkBytes = 256 * 1024;
const chunkLines = 5_000;
const maxBufferedBytes = 4 * chunkBytes;

/** Turns the lines of one attempt into chunks in the store, one after another. */
export interface LogWriter {
  /**
   * Resolves at once while there is room, else when the store has caught up: the step waits, not the server.
   * Rejects when its lines cannot be stored at all; for want of space it drops them, so that the step can be stopped
   * in good order.
   */
  write(lines: readonly OutputLine[]): Promise<void>;
  /** Stores what is left, and says what was dropped. Rejects when something could not be stored. */
  close(): Promise<void>;
  /** Forgets what is left; resolves when nothing is under way. */
  abandon(): Promise<void>;
}

interface Target {
  executionId: string;
  stepId: string;
  attempt: number;
  fence: Fence;
  /** Of text that is kept; the rest is counted and dropped. */
  maxBytes: number;
  /** No line of the attempt with a greater seq was stored by anyone else. */
  afterSeq: number;
  /** What was kept of the attempt by someone before us. */
  keptBytes: number;
  /** Ends when the execution is no longer ours: nothing is written any more. */
  abandoned: AbortSignal;
  masker: Masker;
  /** How long a store without space is waited for. */
  noSpaceMs: number;
  /** There was none for so long: called once. */
  onNoSpace(error: StoreFull): void;
}

export function createLogWriter(deps: RetryDependencies & { logs: LogStore }, target: Target): LogWriter {
  const { clock, logs } = deps;
  const { executionId, stepId, attempt, fence } = target;
  const masking = createLineMasker(target.masker);
  const dropped = { lines: 0, bytes: 0 };
  let buffer: OutputLine[] = [];
  let bufferedBytes = 0;
  let { keptBytes } = target;
  let storedTo = target.afterSeq;
  let lastChunkMs = Number.NEGATIVE_INFINITY;
  let flushing: Promise<void> | null = null;
  let flushNow = new AbortController();
  let isClosing = false;
  const failures: unknown[] = [];
  let waitingForRoom: (() => void)[] = [];

  function keep(lines: readonly OutputLine[]): void {
    for (const line of lines) {
      const bytes = line.text.length + 1;
      if (line.stream !== 'system') {
        if (keptBytes + bytes > target.maxBytes || dropped.lines > 0) {
          dropped.lines += 1;
          dropped.bytes += bytes;
          continue;
        }
        keptBytes += bytes;
      }
      bufferedBytes += bytes;
      buffer.push(line);
    }
  }

  async function flush(): Promise<void> {
    try {
      while (buffer.length > 0) {
        flushNow = new AbortController();
        const waitMs = Math.max(firstDelayMs, lastChunkMs + delayMs - clock.monotonicMs());
        if (!isChunkFull() && !isClosing) await clock.sleep(waitMs, flushNow.signal);
        // Abandoned meanwhile.
        if (buffer.length === 0) break;
        lastChunkMs = clock.monotonicMs();
        await store(takeChunk());
        makeRoom();
      }
    } catch (error) {
      failures.push(error);
      if (error instanceof StoreFull) {
        buffer = [];
        bufferedBytes = 0;
        target.onNoSpace(error);
      }
    } finally {
      flushing = null;
      makeRoom();
    }
  }

  function makeRoom(): void {
    const waiting = waitingForRoom;
    waitingForRoom = [];
    for (const go of waiting) go();
  }

  function takeChunk(): OutputLine[] {
    let bytes = 0;
    let count = 0;
    for (const line of buffer) {
      bytes += line.text.length + 1;
      count += 1;
      if (bytes >= chunkBytes || count === chunkLines) break;
    }
    bufferedBytes -= bytes;
    return buffer.splice(0, count);
  }

  async function store(lines: OutputLine[]): Promise<void> {
    storedTo = await retryStore(
      deps,
      { execution: executionId, step: stepId, lines: lines.length },
      target.abandoned,
      () => logs.append(executionId, stepId, attempt, lines, fence),
      async () => {
        // Nobody else writes lines of this attempt, and a chunk is stored whole or not at all.
        const since = await logs.read(executionId, storedTo, lines.length, { stepId, attempt });
        return since.lines.at(-1)?.seq ?? null;
      },
      target.noSpaceMs,
    );
  }

  /** Throws unless it was for want of space: that the engine knows already. */
  function isRefused(): boolean {
    const [failure] = failures;
    if (failure === undefined) return false;
    if (failure instanceof StoreFull) return true;
    throw failure;
  }

  function isChunkFull(): boolean {
    return bufferedBytes >= chunkBytes || buffer.length >= chunkLines;
  }

  return {
    async write(lines) {
      if (isRefused()) return;
      keep(masking.mask(lines));
      if (buffer.length === 0) return;
      flushing ??= flush();
      if (isChunkFull()) flushNow.abort(flushBytes);
      while (bufferedBytes > maxBufferedBytes && failures.length === 0) {
        await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      }
      isRefused();
    },
    async close() {
      if (dropped.lines > 0) {
        const text = `${dropped.lines} more lines (${megabytes(dropped.bytes)} MB) were dropped: Gantry keeps ${megabytes(target.maxBytes)} MB of a step's output`;
        buffer.push({ stream: 'system', atMs: clock.now().getTime(), text });
      }
      isClosing = true;
      while (failures.length === 0 && buffer.length > 0) {
        flushing ??= flush();
        flushNow.abort(flushBytes);
        await flushing;
      }
      if (flushing) await flushing;
      if (failures.length > 0) throw failures[0];
    },
    async abandon() {
      buffer = [];
      flushNow.abort(flushBytes);
      if (flushing) await flushing;
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '');
}
