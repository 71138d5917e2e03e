import type { Execution, ResultReuse, Step } from '../model/execution';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';

/**
 * The plan of a rerun in which every step that runs again has the very image that its name meant before, by its digest:
 * a tag that has moved meanwhile would make it another run. An image that no registry has, and one that a step names
 * anew when it starts, goes by its name. Pure.
 */
export function pinImages(
  before: Execution,
  oldPlan: Plan,
  plan: Plan,
  takeOvers: ReadonlyMap<string, ResultReuse>,
): Plan {
  const steps = new Map(before.steps.map((step) => [step.id, step]));
  const oldNodes = new Map(oldPlan.nodes.map((node) => [node.id, node]));
  const digests = new Map<string, Set<string>>();
  for (const node of oldPlan.nodes) {
    const digest = digestOf(steps.get(node.id));
    if (digest === null || !isPinnable(node)) continue;
    const key = keyOf(node);
    digests.set(key, (digests.get(key) ?? new Set()).add(digest));
  }
  const nodes = plan.nodes.map((node) => {
    if (takeOvers.get(node.id)?.from !== null || !isPinnable(node)) return node;
    const old = oldNodes.get(node.id);
    const own = old && keyOf(old) === keyOf(node) ? digestOf(steps.get(node.id)) : null;
    // What it would have run, had it come so far: the tag may have moved during the run, and then nobody can say.
    const [first, ...others] = digests.get(keyOf(node)) ?? [];
    const pinnedImage = own ?? (others.length === 0 ? first : undefined);
    return pinnedImage === undefined ? node : { ...node, pinnedImage };
  });
  return { ...plan, nodes };
}

function isPinnable({ image, build, templates }: PlannedNode): boolean {
  const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
  return image !== null && build === null && !isLate;
}

function keyOf({ image, container }: PlannedNode): string {
  return JSON.stringify([image, container.platform]);
}

function digestOf(step: Step | undefined): string | null {
  const results = [step?.result, ...(step?.attempts.map(({ result }) => result) ?? []).reverse()];
  return results.find((result) => result?.image)?.image?.digest ?? null;
}
