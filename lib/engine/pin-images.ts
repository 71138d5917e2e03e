import type { Execution, ResultReuse, Step } from '../model/execution';
import type { ImageFacts } from '../model/image-facts';
import { repositoryOf } from '../model/image-reference';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';

/**
 * The plan of a rerun in which steps that run again have the image of the previous run, by digest, even if its tag has
 * moved. Images stay by name if no registry is known to have them in the repository that the step names, if the step
 * says `pull: never`, and if the name is filled in when the step starts. Pure.
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
  /** Digests by image id: a step that found the image present has the digest from the step that pulled it. */
  const digests = new Map<string, string>();
  for (const [node, each] of facts) {
    const digest = digestOf(node, each);
    if (digest !== null && each.id !== null) digests.set(keyOf(node, each.id), digest);
  }
  const pinOf = (node: PlannedNode, each: ImageFacts): string | null =>
    digestOf(node, each) ?? (each.id === null ? null : (digests.get(keyOf(node, each.id)) ?? null));
  /** The digests that ran under each name; null stands for an image without one. */
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
    // A step that did not run gets the image of the others with this name, if they all ran the same one.
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

/** The digest in the repository that the step names; null if there is none. */
function digestOf({ image }: PlannedNode, { name, digest }: ImageFacts): string | null {
  const found = digest ?? (name.includes('@') ? name : null);
  return image !== null && found !== null && repositoryOf(found) === repositoryOf(image) ? found : null;
}

/** The images of a step's attempts, in order. A reused result has no attempts, only itself. */
function factsOf(step: Step | undefined): ImageFacts[] {
  const attempts = step?.attempts.flatMap(({ result }) => result?.image ?? []) ?? [];
  return attempts.length > 0 ? attempts : step?.result?.image ? [step.result.image] : [];
}
