import { type LookedUpImage, lookedUpImage, maxLookedUp } from '../model/image-look-up';
import { imageReference } from '../model/image-reference';
import type { Plan } from '../model/plan';
import { defaultImage } from './container-facts';

/**
 * The images to look up. Names filled in when a step starts are unknown yet, a digest was valid before, and what is no
 * name of an image is refused by whoever runs it. What a build begins with is left to the build: where its image is built
 * already, nobody needs it.
 */
export function imagesToLookUp({ nodes }: Pick<Plan, 'nodes'>): LookedUpImage[] {
  const known = new Map<string, LookedUpImage>();
  for (const { id, image, pinnedImage, build, pull, container, templates } of nodes) {
    const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    const name = pinnedImage ?? image ?? defaultImage;
    if (build !== null || isLate || name.includes('@') || !isReference(name)) continue;
    const { platform } = container;
    const key = JSON.stringify([name, platform]);
    const entry = known.get(key) ?? { name, platform, pull, steps: [] };
    if (pull !== 'never') entry.pull = pull;
    entry.steps.push(id);
    known.set(key, entry);
  }
  return [...known.values()].slice(0, maxLookedUp);
}

function isReference(name: string): boolean {
  return lookedUpImage.shape.name.safeParse(name).success && imageReference.test(name);
}

/** The beginning of the sentence about an image that is missing. */
export function missingImage({ name, steps }: LookedUpImage): string {
  const shown = steps.slice(0, 3).map((id) => `\`${id}\``);
  const rest = steps.length > 3 ? ` and ${steps.length - 3} more` : '';
  return `The image ${name} of ${shown.join(', ')}${rest} is not there`;
}
