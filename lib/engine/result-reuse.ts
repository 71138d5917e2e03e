import type { NewEvent } from '../model/event';
import type { Execution, ResultReuse, Step } from '../model/execution';
import type { PlannedNode } from '../model/node';
import { outputsOf } from '../model/outputs-of';
import type { Plan } from '../model/plan';
import { staysUp } from '../model/step-kind';
import { stepsWithNamedOutputs } from '../planning/mark-outputs';
import { formatStatus } from './flow';
import { changedInputs, specDigest } from './spec-digest';

/**
 * What becomes of each step's earlier result when only what failed is run again. Pure.
 *
 * A step runs again when it has not passed, when its inputs have changed, or when it comes after one that runs
 * again. Its services then run again, for their containers are gone; and so do the one-shot steps before it that
 * could use a service, for what they did there is gone as well. Everything else keeps its result.
 */
export function decideReuse(before: Execution, oldPlan: Plan, plan: Plan): Map<string, ResultReuse> {
  const steps = new Map(before.steps.map((step) => [step.id, step]));
  const oldNodes = new Map(oldPlan.nodes.map((node) => [node.id, node]));
  const graph = createGraph(plan);
  const again = new Map<string, string>();
  const named = stepsWithNamedOutputs(plan.nodes);

  for (const node of plan.nodes) {
    const dependency = graph.dependencies(node.id).find((id) => again.has(id));
    const reason =
      reasonOf(node, steps.get(node.id), oldNodes.get(node.id), named) ??
      (dependency === undefined ? null : `it comes after \`${dependency}\`, which runs again`);
    if (reason !== null) again.set(node.id, reason);
  }
  // Only now: a service that is needed again does not make all that used it run again.
  for (const [id, by] of graph.above([...again.keys()])) {
    if (again.has(id)) continue;
    if (graph.staysUp(id)) again.set(id, `\`${by}\` needs it`);
    else if (graph.comesAfterService(id))
      again.set(id, `what it did to the services is gone, and \`${by}\` comes after it`);
  }
  if (again.size > 0) {
    for (const { id } of plan.nodes)
      if (graph.staysUp(id) && graph.isUsedByAnyone(id) && !again.has(id))
        again.set(id, 'any step may use it, for none says that it comes after it');
  }
  return new Map(plan.nodes.map(({ id }) => [id, reuseOf(before, steps.get(id), again.get(id))]));
}

function reasonOf(
  node: PlannedNode,
  step: Step | undefined,
  old: PlannedNode | undefined,
  named: ReadonlySet<string>,
): string | null {
  if (!step || !old) return 'it was not there before';
  if (step.status !== 'passed') return `it ${formatStatus(step.status)} before`;
  if (named.has(node.id) && !old.outputs) return 'its outputs are wanted now, and were not read before';
  if (specDigest(node) === specDigest(old)) return null;
  return `it has changed: ${changedInputs(old, node).join(', ')}`;
}

function reuseOf(before: Execution, step: Step | undefined, again: string | undefined): ResultReuse {
  if (again !== undefined || !step?.result)
    return { from: null, sentence: `Runs again: ${again ?? 'it has no result'}.`, result: null, reports: [] };
  const from = step.takeOver?.from ?? before.id;
  const sentence = `Taken over from ${from}: it passed there, and its inputs are the same.`;
  const outputs = outputsOf(step);
  const own = outputs && Object.keys(outputs).length > 0 ? { outputs } : {};
  return { from, sentence, result: step.result, reports: step.reports, ...own };
}

/** The events by which a step ends with the result of an earlier execution; null for one that runs. */
export function reuseEvents({ id: stepId, takeOver }: Step): NewEvent[] | null {
  if (!takeOver?.from || !takeOver.result) return null;
  const reports = takeOver.reports.map(
    (report): NewEvent => ({ type: 'step.report', stepId, attempt: report.attempt, report }),
  );
  return [...reports, { type: 'step.finished', stepId, status: 'passed', result: takeOver.result }];
}

export function isReused({ takeOver }: Step): boolean {
  return takeOver?.from != null;
}

/** Nodes are in ready order: what a node comes after stands before it. */
function createGraph(plan: Plan) {
  const dependencies = new Map(plan.nodes.map(({ id, after, onFailure }) => [id, [...after, ...onFailure]]));
  const services = new Set(plan.nodes.filter(({ kind }) => staysUp(kind)).map(({ id }) => id));
  const used = new Set([...dependencies.values()].flat());
  const afterService = new Set<string>();
  for (const { id } of plan.nodes) {
    const comesAfter = (dependency: string) => services.has(dependency) || afterService.has(dependency);
    if (dependencies.get(id)?.some(comesAfter)) afterService.add(id);
  }
  return {
    dependencies: (id: string) => dependencies.get(id) ?? [],
    staysUp: (id: string) => services.has(id),
    comesAfterService: (id: string) => afterService.has(id),
    isUsedByAnyone: (id: string) => !used.has(id),
    /** All that stands above these steps, each with the one of them from which it was reached. */
    above(ids: readonly string[]): Map<string, string> {
      const reached = new Map<string, string>();
      const queue = ids.map((id) => ({ id, by: id }));
      for (let next = queue.pop(); next; next = queue.pop()) {
        for (const dependency of dependencies.get(next.id) ?? []) {
          if (reached.has(dependency)) continue;
          reached.set(dependency, next.by);
          queue.push({ id: dependency, by: next.by });
        }
      }
      return reached;
    },
  };
}
