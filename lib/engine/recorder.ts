import { AppError, messageOf } from '../model/errors';
import type { ExecutionEvent, NewEvent } from '../model/event';
import type { Execution, Step } from '../model/execution';
import type { EventLog, Fence } from '../store/store';
import { type RetryDependencies, retryStore } from './retry-store';
import { createRunState } from './run-state';

const maxEventsAtOnce = 500;

/**
 * The one way in which a run changes its execution. Events that are recorded while an append is under way are
 * appended together next, in order, and what is recorded in one tick is never split from it; a promise resolves
 * when its events are committed. While the store is away the append is tried again; once the execution belongs
 * to another owner, or after `close`, every promise rejects with `fenced`.
 */
export interface Recorder {
  /** As of the last commit. */
  execution(): Execution;
  step(id: string): Step;
  record(...events: NewEvent[]): Promise<void>;
  /** Does it once all that was recorded before is committed, and never when it cannot be. */
  afterCommit(act: () => void): void;
  /** Writes nothing more; resolves when nothing is under way. */
  close(): Promise<void>;
}

interface Waiting {
  events: NewEvent[];
  resolve(): void;
  reject(error: unknown): void;
}

export function createRecorder(
  deps: RetryDependencies & { events: EventLog },
  start: Execution,
  fence: Fence,
  { onFenced, mask }: { onFenced: () => void; mask: (event: NewEvent) => NewEvent },
): Recorder {
  const { id } = start;
  const state = createRunState(start);
  const closed = new AbortController();
  const waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  async function flush(): Promise<void> {
    // A turn of the microtask queue later: what follows from an event in the same tick joins its append.
    await Promise.resolve();
    while (waiting.length > 0) await flushBatch(takeBatch());
    flushing = null;
  }

  function takeBatch(): Waiting[] {
    let count = 0;
    const end = waiting.findIndex(({ events }) => {
      count += events.length;
      return count > maxEventsAtOnce;
    });
    return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
  }

  async function flushBatch(batch: Waiting[]): Promise<void> {
    try {
      const events = batch.flatMap((each) => each.events);
      if (events.length > 0) state.apply(await append(events));
      for (const each of batch) each.resolve();
    } catch (error) {
      const isFenced = error instanceof AppError && error.code === 'fenced';
      if (!isFenced)
        deps.logger.error({ execution: id, error: messageOf(error) }, 'events could not be appended');
      for (const each of batch) each.reject(error);
      if (isFenced) onFenced();
    }
  }

  function append(events: NewEvent[]): Promise<ExecutionEvent[]> {
    return retryStore(
      deps,
      { execution: id, events: events.length },
      closed.signal,
      () => deps.events.append(id, events, fence, state.current(events)),
      async () => {
        // Beside the owner only a request to cancel writes here, and an append is whole or not at all.
        const since = await deps.events.read(id, state.lastEventSeq(), events.length + 100);
        const own = since.filter((event) => event.type !== 'execution.cancel_requested');
        return own.length > 0 ? since : null;
      },
    );
  }

  function record(...events: NewEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (closed.signal.aborted) return reject(new AppError('fenced', `execution ${id} was handed over`));
      waiting.push({ events: events.map(mask), resolve, reject });
      flushing ??= flush();
    });
  }

  return {
    execution: state.execution,
    step: state.step,
    record,
    // What was recorded before rejects with the same, and tells its own caller.
    afterCommit: (act) => void record().then(act, () => undefined),
    async close() {
      closed.abort();
      while (flushing) await flushing;
    },
  };
}
