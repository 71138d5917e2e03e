import { type StepKind, staysUp } from '../model/node';
import { isFinalStep, isUnsuccessful, type StepStatus } from '../model/status';

export interface FlowNode {
  id: string;
  kind: StepKind;
  after: readonly string[];
  onFailure: readonly string[];
  continueOnFailure: boolean;
}

/** What the flow asks for next. `stop` and `cancel` concern steps that were started and have not ended. */
export type Move =
  | { type: 'start'; id: string }
  | { type: 'skip'; id: string; reason: string }
  | { type: 'stop'; id: string }
  | { type: 'cancel'; id: string; reason: string };

export interface Flow {
  /** The first moves, or after an adoption the moves from where the steps stand. */
  begin(statuses?: ReadonlyMap<string, StepStatus>): Move[];
  /** A step became ready or ended. Skips that follow from it are among the moves and need no report. */
  report(id: string, status: StepStatus): Move[];
}

interface FlowState extends FlowNode {
  status: StepStatus;
  started: boolean;
  /** Nodes it waits for that are not settled. */
  waiting: number;
  dependents: FlowState[];
  dependencies: FlowState[];
  /** Of a skipped one: what went wrong in the first place. Kept, so that a long chain is not walked for each. */
  cause: FlowState | null;
  /** Dependents that are not closed; a node is closed when it and all that depends on it have ended. */
  open: number;
  closed: boolean;
}

/**
 * The flow rules of docs/suites.md, "Order": linear in nodes and edges over a whole run.
 *
 * A service stays up while anything that depends on it, directly or through others, has not ended. One that
 * nothing depends on may be used by anyone, and stays up until every other step has ended.
 */
export function createFlow(nodes: readonly FlowNode[], failFast: boolean): Flow {
  const states = connect(nodes);
  const rescue = failFast ? rescueOf(states) : new Set<FlowState>();
  let runningOut = [...states.values()].filter((state) => !staysUp(state.kind)).length;
  let tripped = false;
  let moves: Move[] = [];
  let reports: { state: FlowState; status: StepStatus }[] = [];

  function drain(): Move[] {
    // A queue, not recursion: a chain of 5,000 skipped steps must not overflow the stack.
    for (let position = 0; position < reports.length; position++) {
      const next = reports[position];
      if (next) apply(next.state, next.status);
    }
    reports = [];
    const result = moves;
    moves = [];
    return result;
  }

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
      if (status === 'ready') stopIfUnneeded(state);
      return;
    }
    if (failFast && !tripped && isUnsuccessful(status) && !state.continueOnFailure) trip(state);
    if (!staysUp(state.kind)) {
      runningOut -= 1;
      if (runningOut === 0) for (const each of states.values()) stopIfUnneeded(each);
    }
    closeFrom(state);
  }

  function consider(state: FlowState): void {
    if (state.started) return;
    const verdict = judge(state, states);
    if (verdict) skip(state, verdict);
    else if (tripped && !rescue.has(state)) skip(state, 'skipped: the suite says fail_fast');
    else {
      state.started = true;
      moves.push({ type: 'start', id: state.id });
    }
  }

  function skip(state: FlowState, reason: string): void {
    state.started = true;
    moves.push({ type: 'skip', id: state.id, reason });
    reports.push({ state, status: 'skipped' });
  }

  function trip(failed: FlowState): void {
    tripped = true;
    const reason = `\`${failed.id}\` ${words(failed.status)}, and the suite says fail_fast`;
    for (const state of states.values()) {
      if (isFinalStep(state.status) || state === failed) continue;
      if (rescue.has(state)) continue;
      if (!state.started) skip(state, `skipped: ${reason}`);
      else if (state.status !== 'ready') moves.push({ type: 'cancel', id: state.id, reason });
    }
  }

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
    moves.push({ type: 'stop', id: state.id });
  }

  return {
    begin(statuses) {
      for (const [id, status] of statuses ?? []) {
        const state = states.get(id);
        if (!state || status === 'pending') continue;
        state.started = true;
        if (isFinalStep(status) || status === 'ready') reports.push({ state, status });
      }
      const first = drain();
      for (const state of states.values()) if (state.waiting === 0) consider(state);
      for (const state of states.values()) if (state.status === 'ready') stopIfUnneeded(state);
      return [...first, ...drain()];
    },
    report(id, status) {
      const state = states.get(id);
      if (!state) throw new Error(`the flow does not know the step ${id}`);
      reports.push({ state, status });
      return drain();
    },
  };
}

/** Why the node is skipped, or null when it may start. In the order of the rules. */
function judge(node: FlowNode, states: ReadonlyMap<string, FlowState>): string | null {
  const statusOf = (id: string): StepStatus => states.get(id)?.status ?? 'skipped';
  if (node.onFailure.length > 0 && !node.onFailure.some((id) => hasFailed(statusOf(id)))) {
    return 'skipped: nothing that it watches has failed';
  }
  const failed = node.after.find((id) => isUnsuccessful(statusOf(id)) && !states.get(id)?.continueOnFailure);
  if (failed !== undefined) return `skipped: \`${failed}\` ${words(statusOf(failed))}`;
  const skipped = node.after.find((id) => statusOf(id) === 'skipped');
  if (skipped === undefined) return null;
  const cause = causeOf(node, states);
  if (!cause) return `skipped: \`${skipped}\` was skipped`;
  return `skipped: \`${cause.id}\` ${words(cause.status)}`;
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

/** What fail_fast spares: steps that watch a failure, what comes after them, and the services that those need. */
function rescueOf(states: ReadonlyMap<string, FlowState>): Set<FlowState> {
  const rescue = new Set<FlowState>();
  const down = [...states.values()].filter((state) => state.onFailure.length > 0);
  for (let state = down.pop(); state; state = down.pop()) {
    if (rescue.has(state)) continue;
    rescue.add(state);
    down.push(...state.dependents);
  }
  const up = [...rescue];
  for (let state = up.pop(); state; state = up.pop()) {
    for (const dependency of state.dependencies) {
      if (rescue.has(dependency) || !staysUp(dependency.kind)) continue;
      rescue.add(dependency);
      up.push(dependency);
    }
  }
  return rescue;
}

function isSettled(state: FlowState): boolean {
  return isFinalStep(state.status) || (staysUp(state.kind) && state.status === 'ready');
}

export function words(status: StepStatus): string {
  if (status === 'timed_out') return 'timed out';
  if (status === 'cancelled' || status === 'skipped') return `was ${status}`;
  return status;
}

function connect(nodes: readonly FlowNode[]): Map<string, FlowState> {
  const states = new Map<string, FlowState>(
    nodes.map((node) => [
      node.id,
      {
        ...node,
        status: 'pending',
        started: false,
        waiting: 0,
        dependents: [],
        dependencies: [],
        cause: null,
        open: 0,
        closed: false,
      },
    ]),
  );
  for (const state of states.values()) {
    for (const id of new Set([...state.after, ...state.onFailure])) {
      const dependency = states.get(id);
      if (!dependency) throw new Error(`step ${state.id} comes after the unknown step ${id}`);
      state.waiting += 1;
      state.dependencies.push(dependency);
      dependency.dependents.push(state);
      dependency.open += 1;
    }
  }
  return states;
}
