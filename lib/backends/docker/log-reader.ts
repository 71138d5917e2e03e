import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { LogPosition, OutputLine } from '../../model/log-line';
import { createLineSplitter } from '../line-splitter';
import { type Daemon, quickMs } from './daemon';
import { type FrameStream, type LogEntry, readLogEntries } from './frames';

/** Reads a container's log, each line once, however often it has to begin anew. */
export interface LogReader {
  /**
   * Reads on from the first entry that was not read: to the end, or with `follow` until the container has ended or the
   * stream breaks. `onProgress` is awaited after each chunk.
   */
  read(options: { follow: boolean }, onProgress: () => Promise<unknown>): Promise<void>;
  /** Whether the newest entry of the log is the last one that was read. */
  isAtEnd(): Promise<boolean>;
  /** Nothing was read. */
  isEmpty(): boolean;
  /** Delivers what has no line ending at the end of the log. */
  finish(): void;
  /** Breaks off what is being read. */
  stop(): void;
}

/** Gets every line, in the order of the log; `isNew` unless somebody has delivered it before. */
export type LogSink = (stream: FrameStream, lines: OutputLine[], isNew: boolean) => void;

const streams = ['stdout', 'stderr'] as const;

/** The entries of a log file have one order: what was read of it is counted, and time stamps prove nothing. */
export function createLogReader(
  daemon: Daemon,
  container: string,
  resumeAfter: LogPosition,
  sink: LogSink,
): LogReader {
  const splitters = { stdout: createLineSplitter('stdout'), stderr: createLineSplitter('stderr') };
  const known = { ...resumeAfter };
  let entriesRead = 0;
  let last: LogEntry | null = null;
  let source: Readable | null = null;

  function take(stream: FrameStream, lines: OutputLine[]): void {
    const count = Math.min(known[stream], lines.length);
    known[stream] -= count;
    if (count > 0) sink(stream, lines.slice(0, count), false);
    if (count < lines.length) sink(stream, count > 0 ? lines.slice(count) : lines, true);
  }

  return {
    async read({ follow }, onProgress) {
      let skip = entriesRead;
      const feed = readLogEntries((entry) => {
        if (skip > 0) {
          skip -= 1;
          return;
        }
        entriesRead += 1;
        last = entry;
        take(entry.stream, splitters[entry.stream].push(entry.payload, entry.atMs));
      });
      const stream = await openLog(daemon, container, follow);
      source = stream;
      try {
        for await (const chunk of stream) {
          feed(chunk);
          await onProgress();
        }
      } finally {
        source = null;
        stream.destroy();
      }
    },
    async isAtEnd() {
      let newest: LogEntry | null = null;
      const feed = readLogEntries((entry) => {
        newest = entry;
      });
      const stream = await openLog(daemon, container, false, 1);
      for await (const chunk of stream) feed(chunk);
      return isSameEntry(newest, last);
    },
    isEmpty: () => entriesRead === 0,
    finish() {
      for (const name of streams) take(name, splitters[name].flush(last?.atMs ?? 0));
    },
    stop: () => source?.destroy(),
  };
}

function isSameEntry(one: LogEntry | null, other: LogEntry | null): boolean {
  if (!one || !other) return one === other;
  return one.stream === other.stream && one.whole.equals(other.whole);
}

/** dockerode's own call keeps a log that is not followed in memory. */
function openLog(daemon: Daemon, container: string, follow: boolean, tail?: number): Promise<Readable> {
  return daemon.call('read the log of a container', quickMs, async (docker, abortSignal) => {
    const answer = await dialLog(docker, container, abortSignal, {
      follow,
      stdout: true,
      stderr: true,
      timestamps: true,
      ...(tail === undefined ? {} : { tail }),
    });
    if (!(answer instanceof Readable)) throw new Error('the engine gave no stream');
    return answer;
  });
}

function dialLog(docker: Docker, container: string, abortSignal: AbortSignal, options: object) {
  return new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${container}/logs?`,
        options,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        abortSignal,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
}
