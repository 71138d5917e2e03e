import type { Action, Fault, Step } from './execution';
import { isUnsuccessful } from './status';
import { staysUp } from './step-kind';

/**
 * The steps that went wrong by themselves, in the order of the plan and never of time. A step that failed after a service
 * that it needs had ended badly is that service's consequence. A service that went wrong only when it was stopped, after
 * its dependents, comes after the others. Steps that were cancelled count when nothing else went wrong.
 */
export function faultsOf(steps: readonly Step[]): Step[] {
  const unsuccessful = steps.filter(({ status }) => isUnsuccessful(status));
  const own = unsuccessful.filter(({ status }) => status !== 'cancelled');
  if (own.length === 0) return inPlanOrder(unsuccessful);
  const badServices = own.filter(({ kind }) => staysUp(kind));
  if (badServices.length === 0) return inPlanOrder(own);
  const dependencies = createDependencies(steps);
  const needs = (step: Step, service: Step) => dependencies(step.id).has(service.id);
  const causedBy = (step: Step) =>
    badServices.some((service) => service !== step && endedBefore(service, step) && needs(step, service));
  const isLate = (step: Step) =>
    staysUp(step.kind) &&
    own.some((other) => other !== step && endedBefore(other, step) && needs(other, step));
  const faults = own.filter((step) => !causedBy(step));
  return [...inPlanOrder(faults.filter((step) => !isLate(step))), ...inPlanOrder(faults.filter(isLate))];
}

/**
 * The faults of an execution, with what a person needs to know of each: pure, so that a page says it while steps run. What
 * was cancelled has no fault of its own: the execution's cause says who did it.
 */
export function describeFaults(steps: readonly Step[]): Fault[] {
  const faults = faultsOf(steps).filter(({ status }) => status !== 'cancelled');
  const consequences = consequencesOf(steps, faults);
  return faults.map((step) => ({
    stepId: step.id,
    status: step.status,
    sentence: step.result?.reason?.replace(/\.$/, '') ?? 'it ended without a reason',
    line: step.result?.line ?? null,
    action: step.result?.action ?? null,
    consequences: consequences.get(step.id) ?? [],
  }));
}

/** "raise `resources.memory` (64 MB) at suite.yaml:41" */
export function actionText({ sentence, file, line }: Action): string {
  return file === null || line === null ? sentence : `${sentence} at ${file}:${line}`;
}

/** Each skipped or unsuccessful step counts for the first fault that it comes after, through such steps alone. */
function consequencesOf(steps: readonly Step[], faults: readonly Step[]): Map<string, string[]> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const faultIds = new Set(faults.map(({ id }) => id));
  const sources = new Map<string, string | null>();
  const sourceOf = (id: string): string | null => {
    if (faultIds.has(id)) return id;
    const known = sources.get(id);
    if (known !== undefined) return known;
    // Before its dependencies are looked at, so that a cycle would end.
    sources.set(id, null);
    const step = byId.get(id);
    const isAffected = step && (step.status === 'skipped' || isUnsuccessful(step.status));
    const source = isAffected ? firstSource(step.after, sourceOf) : null;
    sources.set(id, source);
    return source;
  };
  const found = new Map<string, string[]>();
  for (const step of steps) {
    const source = faultIds.has(step.id) ? null : sourceOf(step.id);
    if (source === null) continue;
    const list = found.get(source);
    if (list) list.push(step.id);
    else found.set(source, [step.id]);
  }
  return found;
}

function firstSource(ids: readonly string[], sourceOf: (id: string) => string | null): string | null {
  for (const id of ids) {
    const source = sourceOf(id);
    if (source !== null) return source;
  }
  return null;
}

function inPlanOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => a.index - b.index);
}

function endedBefore(one: Step, other: Step): boolean {
  return one.finishedAt !== null && other.finishedAt !== null && one.finishedAt < other.finishedAt;
}

/** All that a step comes after, directly or through others. */
function createDependencies(steps: readonly Step[]): (id: string) => ReadonlySet<string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, Set<string>>();
  return (id) => {
    const before = known.get(id);
    if (before) return before;
    const found = new Set<string>();
    const queue = [id];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const step = byId.get(next);
      for (const dependency of step ? [...step.after, ...step.onFailure] : []) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        queue.push(dependency);
      }
    }
    known.set(id, found);
    return found;
  };
}
