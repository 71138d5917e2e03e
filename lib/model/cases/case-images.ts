import type { Execution } from '../execution';
import type { CaseInputs } from './case-record';

type Images = CaseInputs['images'];

/**
 * The images that the steps of an ended run were found to run, by step: the step's reference with the digest of the
 * image, `node:22@sha256:…`. Steps are left out whose image is not known.
 */
export function ranImages({ steps }: Pick<Execution, 'steps'>): Images {
  const images: Images = {};
  for (const { id, attempts } of steps) {
    const image = attempts.findLast(({ result }) => result?.image)?.result?.image;
    const digest = image?.digest?.split('@').at(-1) ?? image?.id;
    if (image && digest) images[id] = image.name.includes('@') ? image.name : `${image.name}@${digest}`;
  }
  return images;
}

/** Tells whether two images are the same as far as is known: where one has no digest, the references count. */
export function isSameImage(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return isWhole(a) && isWhole(b) ? a === b : referenceOf(a) === referenceOf(b);
}

/**
 * The inputs of runs, oldest first, with the digest of each image where only its reference is known: a step that did not
 * run has the image of the nearest run in which it did, the earlier one first.
 */
export function fillDigests(runs: readonly Pick<CaseInputs, 'images'>[]): Images[] {
  const filled = runs.map(({ images }) => ({ ...images }));
  for (const order of [filled, filled.toReversed()]) {
    const known: Images = {};
    for (const images of order)
      for (const [step, image] of Object.entries(images)) {
        const near = known[step];
        if (!isWhole(image) && near !== undefined && isSameImage(image, near)) images[step] = near;
        else if (isWhole(image)) known[step] = image;
      }
  }
  return filled;
}

function isWhole(image: string): boolean {
  return image.includes('@');
}

function referenceOf(image: string): string {
  return image.split('@')[0] ?? image;
}
