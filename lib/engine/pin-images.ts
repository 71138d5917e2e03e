import type { Execution, ResultReuse, Step } from '../model/execution';
import type { ImageFacts } from '../model/image-facts';
import { repositoryOf } from '../model/image-reference';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';

/**
 * The plan of a rerun in which every step that runs again has the very image that its name meant before, by its digest:
 * a tag that has moved meanwhile would make it another run. An image of which no registry is known to have it where the
 * step names it, one that may not be pulled, and one that a step names anew when it starts, goes by its name. Pure.
 */
export function pinImages(
  before: Execution,
  oldPlan: Plan,
  plan: Plan,
  takeOvers: ReadonlyMap<string, ResultReuse>,
): Plan {
  const steps = new Map(before.steps.map((step) => [step.id, step]));
  const oldNodes = new Map(oldPlan.nodes.map((node) => [node.id, node]));
  const facts = oldPlan.nodes.flatMap((node) =>
    factsOf(steps.get(node.id)).map((each) => [node, each] as const),
  );
  /** One step has pulled what another one has found there: it is the same image. */
  const digests = new Map<string, string>();
  for (const [node, each] of facts) {
    const digest = digestOf(node, each);
    if (digest !== null && each.id !== null) digests.set(keyOf(node, each.id), digest);
  }
  const pinOf = (node: PlannedNode, each: ImageFacts): string | null =>
    digestOf(node, each) ?? (each.id === null ? null : (digests.get(keyOf(node, each.id)) ?? null));
  /** What those that have run had by one name; null among them: it cannot be pinned. */
  const ran = new Map<string, Set<string | null>>();
  for (const [node, each] of facts) {
    const key = keyOf(node);
    ran.set(key, (ran.get(key) ?? new Set()).add(pinOf(node, each)));
  }

  const nodes = plan.nodes.map((node) => {
    if (takeOvers.get(node.id)?.from !== null || !isPinnable(node)) return node;
    const old = oldNodes.get(node.id);
    const isSame = old !== undefined && keyOf(old) === keyOf(node);
    const own = isSame ? factsOf(steps.get(node.id)).at(-1) : undefined;
    // What it would have run, had it come so far: the tag may have moved during the run, and then nobody can say.
    const [first = null, ...others] = ran.get(keyOf(node)) ?? [isSame ? (old.pinnedImage ?? null) : null];
    const pinnedImage = own ? pinOf(node, own) : others.length === 0 ? first : null;
    return pinnedImage === null ? node : { ...node, pinnedImage };
  });
  return { ...plan, nodes };
}

function isPinnable({ image, build, pull, templates }: PlannedNode): boolean {
  const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
  return image !== null && build === null && pull !== 'never' && !isLate;
}

function keyOf({ image, container }: PlannedNode, id: string | null = null): string {
  return JSON.stringify([image, container.platform, id]);
}

/** Where a registry has it, if that is where the step takes its image from. One that ran by its digest has that. */
function digestOf({ image }: PlannedNode, { name, digest }: ImageFacts): string | null {
  const found = digest ?? (name.includes('@') ? name : null);
  return image !== null && found !== null && repositoryOf(found) === repositoryOf(image) ? found : null;
}

/** In the order of its attempts; of a result that was taken over there is no attempt. */
function factsOf(step: Step | undefined): ImageFacts[] {
  const attempts = step?.attempts.flatMap(({ result }) => result?.image ?? []) ?? [];
  return attempts.length > 0 ? attempts : step?.result?.image ? [step.result.image] : [];
}
