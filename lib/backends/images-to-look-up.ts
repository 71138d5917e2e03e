import { type LookedUpImage, maxLookedUp } from '../model/image-look-up';
import type { PlannedNode } from '../model/node';
import type { Plan } from '../model/plan';
import { defaultImage } from './container-facts';

/**
 * The images to look up. Names filled in when a step starts are unknown yet, and a digest was valid before. `bases`: what
 * the builds of steps begin with, by the ids of the steps.
 */
export function imagesToLookUp(
  { nodes }: Pick<Plan, 'nodes'>,
  bases: ReadonlyMap<string, readonly string[]> = new Map(),
): LookedUpImage[] {
  const known = new Map<string, LookedUpImage>();
  for (const node of nodes) {
    const { id, pull } = node;
    const { platform } = node.container;
    for (const name of node.build === null ? ownImage(node) : (bases.get(id) ?? [])) {
      if (name.includes('@')) continue;
      const key = JSON.stringify([name, platform]);
      const entry = known.get(key) ?? { name, platform, pull, steps: [] };
      if (pull !== 'never') entry.pull = pull;
      entry.steps.push(id);
      known.set(key, entry);
    }
  }
  return [...known.values()].slice(0, maxLookedUp);
}

function ownImage({ pinnedImage, image, templates }: PlannedNode): string[] {
  const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
  return isLate ? [] : [pinnedImage ?? image ?? defaultImage];
}

/** The beginning of the sentence about an image that is missing. */
export function missingImage({ name, steps }: LookedUpImage): string {
  const shown = steps.slice(0, 3).map((id) => `\`${id}\``);
  const rest = steps.length > 3 ? ` and ${steps.length - 3} more` : '';
  return `The image ${name} of ${shown.join(', ')}${rest} is not there`;
}
