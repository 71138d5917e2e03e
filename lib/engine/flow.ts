import { isFinalStep, isUnsuccessful, type StepStatus } from '../model/status';
import { staysUp } from '../model/step-kind';
import { connect, type FlowNode, type FlowState, rescueOf, withAllServices } from './flow-graph';
import { createMoveQueue, type Move } from './move-queue';
import { createServiceStops } from './service-stops';

export type { FlowNode } from './flow-graph';
export type { Move } from './move-queue';

export interface Flow {
  /** The first moves, or after an adoption the moves from where the steps stand. */
  begin(statuses?: ReadonlyMap<string, StepStatus>): Move[];
  /** A step became ready or ended. Skips and drops that follow from it are among the moves and need no report. */
  report(id: string, status: StepStatus): Move[];
  /**
   * The run is cut short: what has started is cancelled and what has not is dropped, but for the steps that always run
   * and the services that those need and that have started. A forced interruption spares nothing, also after one that was
   * not forced. The first reason counts. May be called before `begin`.
   */
  interrupt(reason: string, isForced?: boolean): Move[];
}

/** Follows the rules of docs/suites.md, "Order". Linear in nodes and edges over a whole run. */
export function createFlow(nodes: readonly FlowNode[], failFast: boolean): Flow {
  const states = connect(nodes);
  const always = withAllServices([...states.values()].filter((state) => state.always));
  const rescue = failFast ? rescueOf(states, always) : new Set<FlowState>();
  let interrupted: string | null = null;
  let sparesAlways = true;
  let tripped = false;
  let hasBegun = false;
  const queue = createMoveQueue(apply);
  const services = createServiceStops(states, queue.stop);

  function apply(state: FlowState, status: StepStatus): void {
    const wasSettled = isSettled(state);
    if (isFinalStep(state.status)) return;
    state.status = status;
    state.started = true;
    if (status === 'skipped') state.cause = causeOf(state, states);
    if (!wasSettled && isSettled(state)) {
      for (const dependent of state.dependents) {
        dependent.waiting -= 1;
        if (dependent.waiting === 0) consider(dependent);
      }
    }
    if (!isFinalStep(status)) {
      if (status === 'ready') services.stopIfUnneeded(state);
      return;
    }
    if (failFast && !tripped && isUnsuccessful(status) && !state.continueOnFailure) trip(state);
    services.noteEnd(state);
  }

  function consider(state: FlowState): void {
    if (state.started) return;
    const verdict = judge(state, states);
    if (interrupted !== null && !(sparesAlways && state.always)) queue.drop(state);
    else if (verdict) queue.skip(state, verdict);
    else if (tripped && !rescue.has(state)) queue.skip(state, 'skipped: the suite says fail_fast');
    else queue.start(state);
  }

  function cutShort(reason: string): void {
    for (const state of states.values()) {
      if (isFinalStep(state.status)) continue;
      if (!state.started) {
        if (!(sparesAlways && state.always)) queue.drop(state);
      } else if (!(sparesAlways && always.has(state))) queue.cancel(state, reason);
    }
  }

  function trip(failed: FlowState): void {
    tripped = true;
    const reason = `\`${failed.id}\` ${formatStatus(failed.status)}, and the suite says fail_fast`;
    for (const state of states.values()) {
      if (isFinalStep(state.status) || state === failed) continue;
      if (rescue.has(state)) continue;
      if (!state.started) queue.skip(state, `skipped: ${reason}`);
      else if (state.status !== 'ready') queue.cancel(state, reason);
    }
  }

  return {
    begin(statuses) {
      hasBegun = true;
      for (const [id, status] of statuses ?? []) {
        const state = states.get(id);
        if (!state || status === 'pending') continue;
        state.started = true;
        if (isFinalStep(status) || status === 'ready') queue.report(state, status);
      }
      if (interrupted !== null) cutShort(interrupted);
      const first = queue.drain();
      for (const state of states.values()) if (state.waiting === 0) consider(state);
      for (const state of states.values()) if (state.status === 'ready') services.stopIfUnneeded(state);
      return [...first, ...queue.drain()];
    },
    report(id, status) {
      const state = states.get(id);
      if (!state) throw new Error(`the flow does not know the step ${id}`);
      queue.report(state, status);
      return queue.drain();
    },
    interrupt(reason, isForced = false) {
      if (interrupted !== null && !(isForced && sparesAlways)) return [];
      interrupted ??= reason;
      if (isForced) sparesAlways = false;
      if (!hasBegun) return [];
      cutShort(interrupted);
      return queue.drain();
    },
  };
}

/** Why the node is skipped, or null when it may start. In the order of the rules. */
function judge(node: FlowNode, states: ReadonlyMap<string, FlowState>): string | null {
  const statusOf = (id: string): StepStatus => states.get(id)?.status ?? 'skipped';
  const isBad = node.always ? isUnsuccessful : hasFailed;
  if (node.onFailure.length > 0 && !node.onFailure.some((id) => isBad(statusOf(id)))) {
    return 'skipped: nothing that it watches has failed';
  }
  if (node.always) return null;
  const failed = node.after.find((id) => isUnsuccessful(statusOf(id)) && !states.get(id)?.continueOnFailure);
  if (failed !== undefined) return `skipped: \`${failed}\` ${formatStatus(statusOf(failed))}`;
  const skipped = node.after.find((id) => statusOf(id) === 'skipped');
  if (skipped === undefined) return null;
  const cause = causeOf(node, states);
  if (!cause) return `skipped: \`${skipped}\` was skipped`;
  return `skipped: \`${cause.id}\` ${formatStatus(cause.status)}`;
}

function causeOf(node: FlowNode, states: ReadonlyMap<string, FlowState>): FlowState | null {
  for (const id of node.after) {
    const state = states.get(id);
    if (!state) continue;
    if (isUnsuccessful(state.status) && !state.continueOnFailure) return state;
    if (state.status === 'skipped' && state.cause) return state.cause;
  }
  return null;
}

function hasFailed(status: StepStatus): boolean {
  return isUnsuccessful(status) && status !== 'cancelled';
}

function isSettled(state: FlowState): boolean {
  return isFinalStep(state.status) || (staysUp(state.kind) && state.status === 'ready');
}

export function formatStatus(status: StepStatus): string {
  if (status === 'timed_out') return 'timed out';
  if (status === 'cancelled' || status === 'skipped') return `was ${status}`;
  return status;
}
