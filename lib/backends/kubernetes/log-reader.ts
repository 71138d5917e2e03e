import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { OutputLine } from '../../model/log-line';
import type { LineDelivery } from '../line-delivery';
import { createLineSplitter } from '../line-splitter';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { createEntryReader, type LogEntry } from './log-entries';

export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
  stream: 'stdout' | 'stderr';
  /** What the log ends with when it is complete; null: it is when the container has ended. */
  endMark: string | null;
}

export interface LogSink {
  delivery: LineDelivery;
  /** Also lines that an earlier call has delivered. */
  onEveryLine(lines: OutputLine[]): void;
  /** Something that a person should know about the log itself. */
  say(text: string): void;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** From the container's end to the end of a log that is marked. */
const markLimitMs = 10_000;
/** For the cluster's own log service, when its node or API server is away. */
const finalLimitMs = 90_000;

/**
 * Follows the log of one container, `skip` lines of which are known, until `ended` settles and all is read. A
 * connection that is cut is opened again at the last second that was read, and what is known of it is left away.
 */
export async function readLog(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  { namespace, pod, container, stream, endMark }: LogSource,
  skip: number,
  sink: LogSink,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
  const splitter = createLineSplitter(stream);
  let toSkip = skip;
  /** The last entry's time, and how many of its second were read. */
  let lastTime = '';
  let ofLastSecond = 0;
  let isComplete = false;

  function deliver(lines: OutputLine[]): void {
    if (lines.length === 0) return;
    sink.onEveryLine(lines);
    const fresh = toSkip > 0 ? lines.slice(toSkip) : lines;
    toSkip = Math.max(0, toSkip - lines.length);
    sink.delivery.push(fresh);
  }

  function take({ time, content }: LogEntry): void {
    ofLastSecond = secondOf(time) === secondOf(lastTime) ? ofLastSecond + 1 : 1;
    lastTime = time;
    const text = endMark !== null && endsWithMark(content, endMark);
    if (text) isComplete = true;
    const bytes = text ? content.subarray(0, content.length - Buffer.byteLength(endMark) - 1) : content;
    if (bytes.length > 0) deliver(splitter.push(bytes, Date.parse(time)));
  }

  /** Reads once; `follow` until the connection ends, else what is there. */
  async function read(follow: boolean, stop: AbortSignal): Promise<void> {
    const since = lastTime === '' ? undefined : new Date(lastTime).toISOString().replace(/\.\d+Z$/, 'Z');
    const response = await cluster.open(
      'read the log of a pod',
      path,
      { container, timestamps: true, follow, sinceTime: since },
      stop,
    );
    const entries = createEntryReader();
    const fresh = leaveKnownAway(lastTime, ofLastSecond, () =>
      sink.say(`lines of ${stream} are missing here: the cluster has rotated the log away`),
    );
    for await (const chunk of response) {
      for (const entry of entries.push(Buffer.from(chunk))) if (fresh(entry)) take(entry);
      if (isComplete || stop.aborted) return;
      await sink.delivery.hasRoom(Number.POSITIVE_INFINITY);
    }
    const rest = follow ? null : entries.rest();
    if (rest && fresh(rest)) take(rest);
  }

  async function followUntilEnd(): Promise<void> {
    const finished = new AbortController();
    const stop = AbortSignal.any([signal, finished.signal]);
    const end = () => finished.abort();
    ended.then(end, end);
    for (let pauseMs = firstPauseMs; !stop.aborted && !isComplete; ) {
      const before = lastTime;
      await read(true, stop).catch((error: unknown) => {
        // A pod that is gone is found missing by the watch; a cut is mended below.
        if (!stop.aborted && refusalStatus(error) !== 404 && before === lastTime) pauseMs *= 2;
      });
      pauseMs = before === lastTime ? Math.min(pauseMs, longestPauseMs) : firstPauseMs;
      if (!isComplete) await clock.sleep(pauseMs, stop);
    }
    await ended.catch(() => {});
  }

  /** Only what is read after the container has ended is whole. */
  async function readTheRest(): Promise<void> {
    const startMs = clock.monotonicMs();
    while (!signal.aborted && !isComplete) {
      const sinceMs = clock.monotonicMs() - startMs;
      try {
        await read(false, signal);
        if (endMark === null) return;
        if (sinceMs > markLimitMs) return sink.say(`${stream} may not be complete: its end was not seen`);
      } catch (error) {
        if (signal.aborted || refusalStatus(error) === 404) return;
        if (sinceMs > finalLimitMs)
          return sink.say(`the rest of ${stream} could not be read: ${messageOf(error)}`);
      }
      await clock.sleep(firstPauseMs, signal);
    }
  }

  await followUntilEnd();
  await readTheRest();
  if (signal.aborted) return;
  deliver(splitter.flush(lastTime === '' ? clock.now().getTime() : Date.parse(lastTime)));
}

/** Says of each entry of a log that is read again from the last second whether it is a new one. */
function leaveKnownAway(lastTime: string, known: number, onGap: () => void): (entry: LogEntry) => boolean {
  let left = lastTime === '' ? 0 : known;
  return ({ time }) => {
    if (left === 0) return true;
    left -= 1;
    if (secondOf(time) === secondOf(lastTime)) return false;
    left = 0;
    onGap();
    return true;
  };
}

function secondOf(time: string): string {
  return time.slice(0, '2000-01-01T00:00:00'.length);
}

function endsWithMark(content: Buffer, mark: string): boolean {
  return (
    content.length > mark.length &&
    content.toString('latin1', content.length - mark.length - 1) === `${mark}\n`
  );
}
