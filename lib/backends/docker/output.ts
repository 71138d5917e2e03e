import type { Clock } from '../../clock';
import type { LogPosition, OutputLine } from '../../model/log-line';
import type { LineDelivery } from '../line-delivery';
import { createLineSplitter, type LineSplitter } from '../line-splitter';
import { type Daemon, quickMs } from './daemon';
import { type FrameStream, readFrames, readLogEntries } from './frames';

/** The output of one attempt: read live by attach, or from its log; in either case each line once. */
export interface Output {
  /** To be called before the container is started. */
  attach(): Promise<void>;
  /**
   * Reads until the container's output ends, by attach if there is one, else from the log. `ended` settles when the
   * container has. Resolves when every line is delivered.
   */
  readToEnd(ended: Promise<unknown>): Promise<void>;
  /** Lets go at once; nothing is delivered after it has resolved. */
  abandon(): Promise<void>;
}

/** A receiver that takes longer must not stall the container: what is left is read from its log later. */
const stallLimitMs = 1_000;
/** From the container's end to the end of its attached stream, as long as nothing comes. */
const drainSilenceMs = 3_000;
/** From the end of a stream to the news that the container has ended. */
const restartPauseMs = 500;
/** For the news of an end that lies in the past. */
const knownEndMs = 50;

const streams = ['stdout', 'stderr'] as const;

export function createOutput(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  container: string,
  resumeAfter: LogPosition,
  delivery: LineDelivery,
  onEveryLine: (lines: OutputLine[]) => void,
): Output {
  const abandoned = new AbortController();
  /** Lines given to the delivery, by an earlier call or this one. */
  const position = { ...resumeAfter };
  let attached: NodeJS.ReadWriteStream | null = null;
  let source: { destroy(): void } | null = null;

  function deliver(stream: FrameStream, lines: OutputLine[]): void {
    if (lines.length === 0) return;
    position[stream] += lines.length;
    onEveryLine(lines);
    delivery.push(lines);
  }

  /** Resolves with false when the stream broke, stalled or may not be whole. */
  async function readAttached(stream: NodeJS.ReadWriteStream, ended: Promise<unknown>): Promise<boolean> {
    const splitters = newSplitters();
    let lastChunkMs = clock.monotonicMs();
    const feed = readFrames((name, payload) =>
      deliver(name, splitters[name].push(payload, clock.now().getTime())),
    );
    const finished = new AbortController();
    const watchdog = destroyWhenSilent(ended, () => lastChunkMs, finished.signal);
    try {
      for await (const chunk of stream) {
        lastChunkMs = clock.monotonicMs();
        feed(asBuffer(chunk));
        if (!(await delivery.hasRoom(stallLimitMs))) return false;
        lastChunkMs = clock.monotonicMs();
        if (abandoned.signal.aborted) return true;
      }
    } catch {
      // What is missing is read from the log, or the daemon is gone and the watcher of the end says so.
      return false;
    } finally {
      finished.abort();
      await watchdog;
    }
    // A program may close its output and run on; a daemon that restarts ends the stream as well.
    if ((await stateWithin(ended, restartPauseMs)) !== 'ended') return false;
    for (const name of streams) deliver(name, splitters[name].flush(clock.now().getTime()));
    return true;
  }

  async function destroyWhenSilent(
    ended: Promise<unknown>,
    lastChunkMs: () => number,
    finished: AbortSignal,
  ) {
    await Promise.race([ended.catch(() => {}), aborted(finished)]);
    while (!finished.aborted) {
      const leftMs = lastChunkMs() + drainSilenceMs - clock.monotonicMs();
      if (leftMs <= 0) return source?.destroy();
      await clock.sleep(leftMs, finished);
    }
  }

  /** From the beginning, skipping what was delivered. Follows while the container runs. */
  async function readLog(): Promise<{ finish(): void }> {
    const splitters = newSplitters();
    const skip = { ...position };
    let lastMs = clock.now().getTime();
    const take = (name: FrameStream, lines: OutputLine[]) => {
      const known = Math.min(skip[name], lines.length);
      skip[name] -= known;
      if (known > 0) onEveryLine(lines.slice(0, known));
      deliver(name, known > 0 ? lines.slice(known) : lines);
    };
    const feed = readLogEntries((name, atMs, payload) => {
      lastMs = atMs;
      take(name, splitters[name].push(payload, atMs));
    });
    const stream = await daemon.call('read the log of a container', quickMs, (docker) =>
      docker.getContainer(container).logs({ follow: true, stdout: true, stderr: true, timestamps: true }),
    );
    source = destroyable(stream);
    for await (const chunk of stream) {
      if (abandoned.signal.aborted) break;
      feed(asBuffer(chunk));
      await delivery.hasRoom(Number.POSITIVE_INFINITY);
    }
    return {
      finish() {
        for (const name of streams) take(name, splitters[name].flush(lastMs));
      },
    };
  }

  /**
   * The end of a log that is followed says nothing: a daemon that restarts ends it, and Docker drops what a slow
   * reader has not taken yet when the container ends. Only what is read after the container has ended is whole.
   */
  async function readLogToEnd(ended: Promise<unknown>): Promise<void> {
    let failures = 0;
    while (!abandoned.signal.aborted) {
      const before = await stateWithin(ended, knownEndMs);
      if (before === 'lost' || abandoned.signal.aborted) return;
      try {
        const log = await readLog();
        if (before === 'ended' && !abandoned.signal.aborted) return log.finish();
      } catch (error) {
        const after = await stateWithin(ended, restartPauseMs);
        if (after === 'lost' || abandoned.signal.aborted) return;
        if (after === 'ended') failures += 1;
        if (failures === 3) throw error;
        continue;
      }
      await stateWithin(ended, restartPauseMs);
    }
  }

  /** `lost`: it cannot be known any more, and who watches the end says why. */
  function stateWithin(ended: Promise<unknown>, limitMs: number): Promise<'ended' | 'lost' | 'running'> {
    const settled = new AbortController();
    return Promise.race([
      ended.then(
        () => 'ended' as const,
        () => 'lost' as const,
      ),
      clock
        .sleep(limitMs, AbortSignal.any([settled.signal, abandoned.signal]))
        .then(() => 'running' as const),
    ]).finally(() => settled.abort());
  }

  return {
    async attach() {
      attached = await daemon.call('attach to a container', quickMs, (docker) =>
        docker.getContainer(container).attach({ stream: true, stdout: true, stderr: true, hijack: true }),
      );
      source = destroyable(attached);
    },
    async readToEnd(ended) {
      const isWhole = attached ? await readAttached(attached, ended) : false;
      source?.destroy();
      if (!isWhole) await readLogToEnd(ended);
      await delivery.flush();
    },
    async abandon() {
      abandoned.abort();
      source?.destroy();
      await delivery.stop();
    },
  };
}

function newSplitters(): Record<FrameStream, LineSplitter> {
  return { stdout: createLineSplitter('stdout'), stderr: createLineSplitter('stderr') };
}

function asBuffer(chunk: unknown): Buffer {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Buffer.from(String(chunk), 'latin1');
}

function destroyable(stream: object): { destroy(): void } {
  return {
    destroy() {
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
