import type { Backend } from '../../backends/backend';
import { messageOf } from '../../model/errors';
import type { PlannedNode } from '../../model/node';
import type { AheadStage, PreparedStep } from '../../model/prepared-step';
import { isUnsuccessful } from '../../model/status';
import type { StepSpec } from '../../model/step-spec';
import { fillNode, type SpecContext, specOfAttempt, withProbes } from '../attempt-spec';
import type { AttemptDependencies } from '../run-step-attempt';
import type { StandingStep, StepLimit } from '../step-limits';
import { chooseAhead, type Progress } from './choose-ahead';

/** The steps of one run that its backend makes ready before they may run. */
export interface StepsAhead {
  /** Makes what is to be made by now, and removes what is not needed any more. Returns at once. */
  update(): void;
  /** An attempt of the step is given to the backend, which has what was made of it. */
  begin(stepId: string): void;
  /** Makes nothing more, and resolves once what no step has used is removed. Never rejects. */
  end(): Promise<void>;
}

export interface AheadContext extends SpecContext {
  backend: Backend | null;
  places: StepLimit;
  /** Ends when the execution is no longer ours. */
  abandoned: AbortSignal;
  /** Whether the step was started. */
  hasStarted(id: string): boolean;
  /** Whether the step ends without being started. */
  isEnding(id: string): boolean;
}

interface Entry extends StandingStep {
  spec: StepSpec;
  /** Null while it is being made, and when it comes no further. */
  stage: AheadStage | null;
}

export function createStepsAhead(deps: AttemptDependencies, context: () => AheadContext): StepsAhead {
  const limit = deps.limits.prepareAhead ?? 0;
  const entries = new Map<string, Entry>();
  /** What people were told of a step that is not made ready. */
  const told = new Set<string>();
  const hopeless = new Set<string>();
  const working = new Set<Promise<void>>();
  let graph: Graph | null = null;
  let isOver = limit === 0;

  function update(): void {
    const now = context();
    if (isOver || now.abandoned.aborted || !now.backend?.prepareStep) return;
    graph ??= connect(now.plan.nodes);
    const { nodes, dependents } = graph;
    const { make, discard: unneeded } = chooseAhead({
      node: (id) => nodeOf(nodes, id),
      dependentsOf: (id) => dependents.get(id) ?? [],
      progressOf: (id) => progressOf(now, id),
      canBeMade: (id) => canBeMade(now, nodeOf(nodes, id)),
      going: stepsGoing(now),
      made: new Map([...entries].map(([id, { stage }]) => [id, stage])),
      limit,
      freePlaces: now.places.semaphore.free() - now.places.standing.size,
    });
    for (const id of unneeded) track(discard(id));
    for (const { id, stage } of make) track(bring(now, nodeOf(nodes, id), stage));
  }

  function canBeMade(now: AheadContext, node: PlannedNode): boolean {
    if (hopeless.has(node.id)) return false;
    const late = node.inputs?.length
      ? 'it gets files of earlier steps'
      : 'problem' in fillNode(now, node)
        ? 'it uses outputs of steps that have not ended'
        : null;
    if (late !== null && !told.has(node.id)) {
      told.add(node.id);
      tell(now, node.id, null, late);
    }
    return late === null;
  }

  /** As far as it may come, and as it can. */
  async function bring(now: AheadContext, node: PlannedNode, target: AheadStage): Promise<void> {
    const filled = fillNode(now, node);
    if ('problem' in filled) return;
    const known = entries.get(node.id);
    const entry: Entry = known ?? {
      spec: withProbes(specOfAttempt(deps, now, filled.node, 1, [])),
      stage: null,
      executionId: now.execution.id,
      giveUp: () => track(giveUp(node.id)),
    };
    entry.stage = null;
    entries.set(node.id, entry);
    if (target === 'standing') now.places.standing.add(entry);
    let made = known ? canGoOn : await request(now, entry, 'prepared');
    if (target === 'standing' && made?.stage === 'prepared' && made.reason === null)
      made = await request(now, entry, 'standing');
    if (made?.stage !== 'standing') now.places.standing.delete(entry);
    if (!made) return;
    if (made.stage === null) {
      entries.delete(node.id);
      hopeless.add(node.id);
    } else if (made.stage === 'prepared' && made.reason === null) entry.stage = made.stage;
  }

  /** Null when it is not ours to go on with: it was begun or given up meanwhile. */
  async function request(now: AheadContext, entry: Entry, stage: AheadStage): Promise<PreparedStep | null> {
    const made = await now.backend?.prepareStep?.(entry.spec, {
      stage,
      signal: now.abandoned,
      registryLogin: (host) => deps.logins.find(host),
    });
    const { stepId } = entry.spec;
    if (!made || entries.get(stepId) !== entry || now.abandoned.aborted) return null;
    tell(now, stepId, made.stage, made.reason);
    return made;
  }

  function tell(now: AheadContext, stepId: string, stage: AheadStage | null, reason: string | null): void {
    // Rejects only when the execution is no longer ours.
    now.recorder.record({ type: 'step.ahead', stepId, attempt: 1, stage, reason }).catch(() => undefined);
  }

  function letGo(stepId: string): Entry | null {
    const entry = entries.get(stepId) ?? null;
    entries.delete(stepId);
    if (entry) context().places.standing.delete(entry);
    return entry;
  }

  /** It is not made again: those that wait for a place would take it away again. */
  async function giveUp(stepId: string): Promise<void> {
    hopeless.add(stepId);
    tell(context(), stepId, null, 'a step of another execution waits for a place');
    await discard(stepId);
  }

  async function discard(stepId: string): Promise<void> {
    const entry = letGo(stepId);
    if (entry) await context().backend?.discardStep?.(entry.spec);
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) =>
        deps.logger.warn(
          { execution: context().execution.id, error: messageOf(error) },
          'a step could not be made ready ahead',
        ),
      )
      .finally(() => working.delete(tracked));
    working.add(tracked);
  }

  return {
    update,
    begin: (stepId) => void letGo(stepId),
    async end() {
      isOver = true;
      const isOurs = !context().abandoned.aborted;
      for (const stepId of [...entries.keys()]) {
        if (isOurs) track(discard(stepId));
        else letGo(stepId);
      }
      // What is under way for an execution of somebody else ends without us.
      if (isOurs) await Promise.all(working);
    },
  };
}

const canGoOn: PreparedStep = { stage: 'prepared', reason: null };

interface Graph {
  nodes: ReadonlyMap<string, PlannedNode>;
  dependents: ReadonlyMap<string, readonly string[]>;
}

function connect(nodes: readonly PlannedNode[]): Graph {
  const dependents = new Map<string, string[]>();
  for (const { id, after, onFailure } of nodes) {
    for (const other of new Set([...after, ...onFailure]))
      dependents.set(other, [...(dependents.get(other) ?? []), id]);
  }
  return { nodes: new Map(nodes.map((node) => [node.id, node])), dependents };
}

function nodeOf(nodes: Graph['nodes'], id: string): PlannedNode {
  const node = nodes.get(id);
  if (!node) throw new Error(`the plan has no step ${id}`);
  return node;
}

function progressOf({ recorder, hasStarted, isEnding }: AheadContext, id: string): Progress {
  const { status } = recorder.step(id);
  if (isUnsuccessful(status)) return 'bad';
  if (status === 'passed' || status === 'ready') return 'good';
  if (status === 'skipped' || isEnding(id)) return 'left_out';
  return hasStarted(id) ? 'going' : 'waiting';
}

function stepsGoing(now: AheadContext): string[] {
  return now.plan.nodes.flatMap(({ id }) => (progressOf(now, id) === 'going' ? [id] : []));
}
