import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import { createLogReading, type LogSink, type LogSource, type LogStart } from './log-reading';

const firstPauseMs = 100;
const maxPauseMs = 2_000;
/** From the container's end to the end of a log that is marked: in the connection that follows it, and in all. */
const followMarkMs = 2_000;
const markLimitMs = 10_000;
/** For the cluster's own log service, when its node or API server is away. */
const finalLimitMs = 90_000;

/**
 * Follows the log of one container from where it is known until `ended` settles and all is read. A connection that is
 * cut is opened again at the second of the last line, and what is known is left away.
 */
export async function readLog(
  context: { clock: Clock; cluster: Cluster },
  source: LogSource,
  start: LogStart,
  sink: LogSink,
  ended: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = context;
  const { stream, endMark } = source;
  const reading = createLogReading(context, source, start, sink);

  async function followUntilEnd(): Promise<void> {
    const finished = new AbortController();
    const stop = AbortSignal.any([signal, finished.signal]);
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
      if (endMark === null) finished.abort();
      // The open connection still delivers the end mark, so no further request is needed.
      else void clock.sleep(followMarkMs, signal).then(() => finished.abort());
    };
    ended.then(end, end);
    for (let pauseMs = firstPauseMs; !stop.aborted && !reading.isComplete(); ) {
      const before = reading.position();
      await reading.read(true, stop).catch((error: unknown) => {
        // A pod that is gone is found missing by the watch; a cut is mended below.
        if (!stop.aborted && refusalStatus(error) !== 404 && before === reading.position()) pauseMs *= 2;
      });
      if (hasEnded) break;
      pauseMs = before === reading.position() ? Math.min(pauseMs, maxPauseMs) : firstPauseMs;
      if (!reading.isComplete()) await clock.sleep(pauseMs, stop);
    }
    await ended.catch(() => {});
  }

  /** Only what is read after the container has ended is whole. */
  async function readTheRest(): Promise<void> {
    const startMs = clock.monotonicMs();
    while (!signal.aborted && !reading.isComplete()) {
      const sinceMs = clock.monotonicMs() - startMs;
      try {
        await reading.read(false, signal);
        if (endMark === null) return;
        if (sinceMs > markLimitMs) return sink.emit(`${stream} may not be complete: its end was not seen`);
      } catch (error) {
        if (signal.aborted || refusalStatus(error) === 404) return;
        if (sinceMs > finalLimitMs)
          return sink.emit(`the rest of ${stream} could not be read: ${messageOf(error)}`);
      }
      await clock.sleep(firstPauseMs, signal);
    }
  }

  await followUntilEnd();
  await readTheRest();
  if (!signal.aborted) reading.flush();
}
