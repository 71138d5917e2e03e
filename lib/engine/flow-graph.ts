import type { StepKind } from '../model/node';
import type { StepStatus } from '../model/status';
import { staysUp } from '../model/step-kind';

export interface FlowNode {
  id: string;
  kind: StepKind;
  after: readonly string[];
  onFailure: readonly string[];
  continueOnFailure: boolean;
  /** Runs however what it comes after has ended, also when the run is cut short. */
  always: boolean;
}

/** A node with where it stands and how it hangs together with others. */
export interface FlowState extends FlowNode {
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

export function connect(nodes: readonly FlowNode[]): Map<string, FlowState> {
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

/**
 * What fail_fast spares: steps that watch a failure, what comes after them, the services that those need, and what runs
 * always.
 */
export function rescueOf(
  states: ReadonlyMap<string, FlowState>,
  always: ReadonlySet<FlowState>,
): Set<FlowState> {
  const rescue = new Set<FlowState>();
  const down = [...states.values()].filter((state) => state.onFailure.length > 0);
  for (let state = down.pop(); state; state = down.pop()) {
    if (rescue.has(state)) continue;
    rescue.add(state);
    down.push(...state.dependents);
  }
  return withServices([...rescue, ...always]);
}

/** These steps, and the services that they may use: all that stand above them. */
export function withAllServices(steps: readonly FlowState[]): Set<FlowState> {
  const found = new Set(steps);
  const seen = new Set(steps);
  const up = [...steps];
  for (let state = up.pop(); state; state = up.pop()) {
    for (const dependency of state.dependencies) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      up.push(dependency);
      if (staysUp(dependency.kind)) found.add(dependency);
    }
  }
  return found;
}

/** These steps, and the services that they need, which may need others. */
function withServices(steps: readonly FlowState[]): Set<FlowState> {
  const found = new Set(steps);
  const up = [...steps];
  for (let state = up.pop(); state; state = up.pop()) {
    for (const dependency of state.dependencies) {
      if (found.has(dependency) || !staysUp(dependency.kind)) continue;
      found.add(dependency);
      up.push(dependency);
    }
  }
  return found;
}
