import type { StepStatus } from '../model/status';
import type { FlowState } from './flow-graph';

/**
 * What the flow asks for next. `stop` and `cancel` concern steps that were started and have not ended, `drop` one that
 * was not started and is cancelled.
 */
export type Move =
  | { type: 'start'; id: string }
  | { type: 'drop'; id: string }
  | { type: 'skip'; id: string; reason: string }
  | { type: 'stop'; id: string }
  | { type: 'cancel'; id: string; reason: string };

/** The moves that a flow has decided on, and the reports that it has not taken in yet. */
export interface MoveQueue {
  start(state: FlowState): void;
  /** The report of its end follows by itself. */
  skip(state: FlowState, reason: string): void;
  /** The report of its end follows by itself. */
  drop(state: FlowState): void;
  stop(state: FlowState): void;
  cancel(state: FlowState, reason: string): void;
  report(state: FlowState, status: StepStatus): void;
  /** Has every report taken in, also those that this adds, and answers the moves since the last call. */
  drain(): Move[];
}

/** `apply` takes in one report. */
export function createMoveQueue(apply: (state: FlowState, status: StepStatus) => void): MoveQueue {
  let moves: Move[] = [];
  let reports: { state: FlowState; status: StepStatus }[] = [];
  return {
    start(state) {
      state.started = true;
      moves.push({ type: 'start', id: state.id });
    },
    skip(state, reason) {
      state.started = true;
      moves.push({ type: 'skip', id: state.id, reason });
      reports.push({ state, status: 'skipped' });
    },
    drop(state) {
      state.started = true;
      moves.push({ type: 'drop', id: state.id });
      reports.push({ state, status: 'cancelled' });
    },
    stop: ({ id }) => void moves.push({ type: 'stop', id }),
    cancel: ({ id }, reason) => void moves.push({ type: 'cancel', id, reason }),
    report: (state, status) => void reports.push({ state, status }),
    drain() {
      // A queue, not recursion: a chain of 5,000 skipped steps must not overflow the stack.
      for (let position = 0; position < reports.length; position++) {
        const next = reports[position];
        if (next) apply(next.state, next.status);
      }
      reports = [];
      const result = moves;
      moves = [];
      return result;
    },
  };
}
