import { applyEvents } from '../model/apply-event';
import type { ExecutionEvent, NewEvent } from '../model/event';
import type { Execution, Step } from '../model/execution';

/** An execution as the events so far make it. */
export interface RunState {
  apply(events: readonly ExecutionEvent[]): void;
  step(id: string): Step;
  lastEventSeq(): number;
  execution(): Execution;
  /** The execution with the steps that the events name; null once an event of someone else was not seen. */
  current(events: readonly NewEvent[]): Execution | null;
}

/** Steps are kept by id, so that an event costs the same in a plan of 5 and of 5,000 steps. */
export function createRunState(start: Execution): RunState {
  const steps = new Map(start.steps.map((step) => [step.id, step]));
  let head: Execution = { ...start, steps: [] };
  let hasMissed = false;

  function step(id: string): Step {
    const found = steps.get(id);
    if (!found) throw new Error(`execution ${start.id} has no step ${id}`);
    return found;
  }

  function withSteps(events: readonly NewEvent[]): Execution {
    const named = new Set(events.flatMap((event) => ('stepId' in event ? [event.stepId] : [])));
    return { ...head, steps: [...named].map(step) };
  }

  return {
    apply(events) {
      // A request to cancel may come in between.
      if ((events[0]?.seq ?? 0) > head.lastEventSeq + 1) hasMissed = true;
      const after = applyEvents(withSteps(events), events);
      for (const each of after.steps) steps.set(each.id, each);
      head = { ...after, steps: [] };
    },
    step,
    lastEventSeq: () => head.lastEventSeq,
    execution: () => ({ ...head, steps: [...steps.values()] }),
    current: (events) => (hasMissed ? null : withSteps(events)),
  };
}
