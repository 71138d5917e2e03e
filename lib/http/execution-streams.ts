import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { ExecutionEvent } from '../model/event';
import type { LogLine, UnfinishedStepLine } from '../model/log-line';
import type { Logger } from '../model/logger';
import type { LogFilter, Store } from '../store/store';
import { eventSource, logSource, weighLine } from '../store/stream-sources';
import type { Batch } from '../streams/batch';
import { createFeeds } from '../streams/feeds';
import { follow } from '../streams/follow';
import type { Turn } from '../streams/own-pages';
import { createSnapshotFeeds } from '../streams/snapshot-feeds';
import { searchInTurn } from './search-in-turn';

export interface ExecutionStreams {
  /** Events after the cursor, history then live, to the end of the execution. */
  events(id: string, cursor: number, signal: AbortSignal): AsyncIterable<Batch<ExecutionEvent>>;
  /** A page of history that is read for this reader alone waits for its turn. */
  lines(id: string, cursor: number, signal: AbortSignal, turn: Turn): AsyncIterable<Batch<LogLine>>;
  /** As `lines`, but only those that pass: read for this reader alone, each page of a search when `enter` resolves. */
  filteredLines(
    id: string,
    cursor: number,
    filter: LogFilter,
    signal: AbortSignal,
    enter: () => Promise<() => void>,
  ): AsyncIterable<readonly LogLine[]>;
  /** What is printed and has no line end yet, now and whenever it has changed. */
  unfinished(id: string, signal: AbortSignal): AsyncIterable<readonly UnfinishedStepLine[]>;
}

/** Between two looks at what has no line end yet. */
const unfinishedMs = 100;

/** The streams of all executions; readers of the same one share its feed. */
export function createExecutionStreams({
  clock,
  logger,
  store,
}: {
  clock: Clock;
  logger: Logger;
  store: Store;
}): ExecutionStreams {
  const events = createFeeds({ clock }, (id) => eventSource(store, id), weighEvent);
  const lines = createFeeds({ clock }, (id) => logSource(store, id), weighLine);
  const unfinished = createSnapshotFeeds({
    clock,
    intervalMs: unfinishedMs,
    subscribe: (id, signal) => store.notifier.subscribe(store.logs.unfinishedTopic(id), signal),
    read: (id) => store.logs.unfinished(id),
    onError: (error) => logger.debug({ error: messageOf(error) }, 'unfinished lines could not be read'),
  });
  return {
    unfinished,
    events: events.follow,
    async *lines(id, cursor, signal, turn) {
      try {
        yield* lines.follow(id, cursor, signal, turn);
      } catch (error) {
        // The reader has left while it waited for its turn.
        if (!signal.aborted) throw error;
      }
    },
    async *filteredLines(id, cursor, filter, signal, enter) {
      const { readChunks, topic } = store.logs;
      const logs = { ...searchInTurn(store.logs, filter, enter, signal), readChunks, topic };
      try {
        yield* follow(logSource({ logs, notifier: store.notifier }, id, filter), cursor, signal);
      } catch (error) {
        // The reader has left while a page was read for it.
        if (!signal.aborted) throw error;
      }
    },
  };
}

/** Characters that an event takes in memory, about. */
function weighEvent(event: ExecutionEvent): number {
  return event.type === 'execution.created' ? 200 * event.steps.length : 500;
}
