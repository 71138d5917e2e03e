import type { NewEvent } from '../model/event';
import type { Execution } from '../model/execution';
import { isFinalStep } from '../model/status';
import { createDeferred } from './deferred';
import type { Recorder } from './recorder';

/** The steps of a run whose end is not committed, and the work on them that is under way. */
export interface UnfinishedSteps {
  readonly ids: ReadonlySet<string>;
  /** Whether the step ends without being started. */
  isEnding(id: string): boolean;
  /** Records the end of a step that is not started. */
  end(id: string, ...events: NewEvent[]): void;
  /** The step is over once `work` resolves, which commits its end. */
  track(id: string, work: Promise<void>): void;
  /** Resolves when no step is left, and after `release`. */
  readonly over: Promise<void>;
  release(): void;
  /** Resolves when the work that is under way now has settled. */
  settle(): Promise<unknown>;
}

export function createUnfinishedSteps(
  start: Execution,
  recorder: Pick<Recorder, 'record'>,
  abandoned: AbortSignal,
  { onEnded, onFailure }: { onEnded: () => void; onFailure: (stepId: string, error: unknown) => void },
): UnfinishedSteps {
  const ids = new Set(start.steps.filter((step) => !isFinalStep(step.status)).map((step) => step.id));
  const ending = new Set<string>();
  const running = new Set<Promise<void>>();
  const over = createDeferred();

  function track(id: string, work: Promise<void>): void {
    const tracked = work
      .then(() => {
        if (abandoned.aborted) return;
        ids.delete(id);
        onEnded();
        if (ids.size === 0) over.resolve();
      })
      .catch((error: unknown) => {
        // Its end cannot be written: the execution is left as it stands, for whoever claims it next.
        if (!abandoned.aborted) onFailure(id, error);
      })
      .finally(() => running.delete(tracked));
    running.add(tracked);
  }

  return {
    ids,
    isEnding: (id) => ending.has(id),
    end(id, ...events) {
      ending.add(id);
      track(id, recorder.record(...events));
    },
    track,
    over: over.wait,
    release: over.resolve,
    settle: () => Promise.allSettled([...running]),
  };
}
