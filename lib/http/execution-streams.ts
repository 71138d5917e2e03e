import type { Clock } from '../clock';
import type { ExecutionEvent } from '../model/event';
import type { LogLine } from '../model/log-line';
import { eventSource, logSource, weighLine } from '../store/sources';
import type { LogFilter, Store } from '../store/store';
import type { Batch } from '../streams/batch';
import { createFeeds } from '../streams/feeds';
import { follow } from '../streams/follow';

export interface ExecutionStreams {
  /** Events after the cursor, history then live, to the end of the execution. */
  events(id: string, cursor: number, signal: AbortSignal): AsyncIterable<Batch<ExecutionEvent>>;
  lines(id: string, cursor: number, signal: AbortSignal): AsyncIterable<Batch<LogLine>>;
  /** As `lines`, but only those that pass: read for this reader alone. */
  filteredLines(
    id: string,
    cursor: number,
    filter: LogFilter,
    signal: AbortSignal,
  ): AsyncIterable<readonly LogLine[]>;
}

/** The streams of all executions; readers of the same one share its feed. */
export function createExecutionStreams({ clock, store }: { clock: Clock; store: Store }): ExecutionStreams {
  const events = createFeeds({ clock }, (id) => eventSource(store, id), weighEvent);
  const lines = createFeeds({ clock }, (id) => logSource(store, id), weighLine);
  return {
    events: events.follow,
    lines: lines.follow,
    filteredLines: (id, cursor, filter, signal) => follow(logSource(store, id, filter), cursor, signal),
  };
}

/** Characters that an event takes in memory, about. */
function weighEvent(event: ExecutionEvent): number {
  return event.type === 'execution.created' ? 200 * event.steps.length : 500;
}
