import { isFinalStep } from '../model/status';
import { staysUp } from '../model/step-kind';
import type { FlowState } from './flow-graph';

/** Decides when the services of a run are no longer needed. */
export interface ServiceStops {
  /** Goes through what the end of this step leaves without a use. */
  noteEnd(state: FlowState): void;
  /** Stops the step if it is a service that is up and that nothing needs. */
  stopIfUnneeded(state: FlowState): void;
}

/**
 * A service stays up while anything that depends on it, directly or through others, has not ended. One that
 * nothing depends on may be used by anyone, and stays up until every other step has ended.
 */
export function createServiceStops(
  states: ReadonlyMap<string, FlowState>,
  stop: (state: FlowState) => void,
): ServiceStops {
  let runningOut = [...states.values()].filter((state) => !staysUp(state.kind)).length;

  function closeFrom(first: FlowState): void {
    const queue = [first];
    for (let state = queue.pop(); state; state = queue.pop()) {
      if (state.closed || !isFinalStep(state.status) || state.open > 0) continue;
      state.closed = true;
      for (const dependency of state.dependencies) {
        dependency.open -= 1;
        if (dependency.open > 0) continue;
        if (isFinalStep(dependency.status)) queue.push(dependency);
        else stopIfUnneeded(dependency);
      }
    }
  }

  function stopIfUnneeded(state: FlowState): void {
    if (!staysUp(state.kind) || !state.started || isFinalStep(state.status) || state.open > 0) return;
    if (state.dependents.length === 0 && runningOut > 0) return;
    stop(state);
  }

  return {
    noteEnd(state) {
      if (!staysUp(state.kind)) {
        runningOut -= 1;
        if (runningOut === 0) for (const each of states.values()) stopIfUnneeded(each);
      }
      closeFrom(state);
    },
    stopIfUnneeded,
  };
}
