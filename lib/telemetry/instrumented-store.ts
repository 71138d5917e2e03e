import type { ExecutionEvent } from '../model/event';
import type { Execution } from '../model/execution';
import type { FinalExecutionStatus, FinalStepStatus } from '../model/status';
import type { Store } from '../store/store';

/** Told of what was committed. */
export interface Counters {
  executionFinished(status: FinalExecutionStatus): void;
  stepFinished(status: FinalStepStatus): void;
  /** Records the seconds from when the step was ready to run until its first attempt began. */
  stepWaited(seconds: number): void;
  linesStored(lines: number): void;
}

/** The same store, which tells what comes in through it. */
export function instrumentStore(store: Store, counters: Counters): Store {
  const { events, logs } = store;
  return {
    ...store,
    events: {
      ...events,
      async append(id, given, fence, known) {
        const written = await events.append(id, given, fence, known);
        for (const event of written) countEvent(event, written, known ?? null, counters);
        return written;
      },
    },
    logs: {
      ...logs,
      async append(id, stepId, attempt, lines, fence) {
        const lastSeq = await logs.append(id, stepId, attempt, lines, fence);
        counters.linesStored(lines.length);
        return lastSeq;
      },
    },
  };
}

function countEvent(
  event: ExecutionEvent,
  beside: readonly ExecutionEvent[],
  known: Execution | null,
  counters: Counters,
): void {
  if (event.type === 'execution.finished') counters.executionFinished(event.status);
  if (event.type === 'step.finished') counters.stepFinished(event.status);
  if (event.type !== 'attempt.started' || event.attempt !== 1) return;
  const { stepId } = event;
  const queuedAt =
    known?.steps.find((step) => step.id === stepId)?.queuedAt ??
    beside.find((each) => each.type === 'step.queued' && each.stepId === stepId)?.at;
  if (queuedAt) counters.stepWaited(Math.max(0, Date.parse(event.at) - Date.parse(queuedAt)) / 1_000);
}
