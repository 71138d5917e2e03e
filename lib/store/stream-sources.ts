import { AppError } from '../model/errors';
import type { ExecutionEvent } from '../model/event';
import type { LogLine } from '../model/log-line';
import { isFinalExecution } from '../model/status';
import type { LogFilter, LogStore, Store } from './store';

/** In the shape of `StreamSource` of lib/streams. */
interface Source<T> {
  read(afterSeq: number): Promise<{ items: T[]; readTo: number; isAll: boolean; isEnded: boolean }>;
  subscribe(signal: AbortSignal): { next(): Promise<void> };
}

const eventsPerPage = 500;
/** Lines of a page, counting only those that pass the filter. */
const linesPerPage = 2_000;

/** An execution's events as a stream. Its reads reject with `execution_not_found`. */
export function eventSource(
  { events, executions, notifier }: Pick<Store, 'events' | 'executions' | 'notifier'>,
  id: string,
): Source<ExecutionEvent> {
  const read = async (afterSeq: number) => {
    const items = await events.read(id, afterSeq, eventsPerPage);
    const last = items.at(-1);
    const isAll = items.length < eventsPerPage;
    return { items, readTo: last?.seq ?? afterSeq, isAll, isEnded: last?.type === 'execution.finished' };
  };
  return {
    async read(afterSeq) {
      const page = await read(afterSeq);
      if (page.items.length > 0) return page;
      const summary = await executions.summary(id);
      if (!summary) throw new AppError('execution_not_found', `there is no execution ${id}`);
      if (!isFinalExecution(summary.status)) return page;
      // It may have ended just after the page was read.
      return { ...(await read(afterSeq)), isEnded: true };
    },
    subscribe: (signal) => notifier.subscribe(events.topic(id), signal),
  };
}

/** An execution's log as a stream. Its reads reject with `execution_not_found`. */
export function logSource(
  { logs, notifier }: { logs: Pick<LogStore, 'read' | 'readChunks' | 'topic'>; notifier: Store['notifier'] },
  id: string,
  filter?: LogFilter,
): Source<LogLine> {
  return {
    async read(afterSeq) {
      const page = filter
        ? await logs.read(id, afterSeq, linesPerPage, filter)
        : await logs.readChunks(id, afterSeq);
      const { lines, scannedTo, lastSeq, isClosed } = page;
      return { items: lines, readTo: scannedTo, isAll: scannedTo >= lastSeq, isEnded: isClosed };
    },
    subscribe: (signal) => notifier.subscribe(logs.topic(id), signal),
  };
}

/** Characters that a line takes in memory, about. */
export function weighLine(line: LogLine): number {
  return line.text.length + 100;
}
