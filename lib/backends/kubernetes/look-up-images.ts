import { z } from 'zod';
import { messageOf } from '../../model/errors';
import type { LookedUpImage, LookUpImages } from '../../model/image-look-up';
import { registryOf, repositoryOf } from '../../model/image-reference';
import type { Logger } from '../../model/logger';
import { missingImage } from '../images-to-look-up';
import { hintAt, nearestImage } from '../near-image';
import type { Cluster } from './cluster';

/** The time limit of a look-up. A launch waits for it. */
const limitMs = 4_000;
/** So many a kubelet reports unless its `nodeStatusMaxImages` says otherwise: where there are as many, more may be there. */
const maxReported = 50;

const nodes = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ images: z.array(z.object({ names: z.array(z.string()).nullish() })).nullish() })
        .prefault({}),
    }),
  ),
});

/**
 * Implements `Backend.missingImages`. A cluster cannot be asked for an image without pulling it: what its nodes report is
 * all that is known. An image that none reports is only spoken of where it would never be pulled, or where its name is
 * nearly that of one that is there.
 */
export function createNodeLookUp({ cluster, logger }: { cluster: Cluster; logger: Logger }): LookUpImages {
  return async (images) => {
    const reported = await reportedImages({ cluster, logger });
    if (reported === null) return [];
    const known = new Set(reported.map(fullName));
    return images.map((image) => {
      if (known.has(fullName(image.name))) return null;
      const near = nearestImage(image.name, reported.map(shortName));
      return sentenceOf(image, hintAt(image.name, near, 'on a node'));
    });
  };
}

function sentenceOf(image: LookedUpImage, hint: string): string | null {
  const absence = `${missingImage(image)}: no node of the cluster reports it`;
  if (image.pull === 'never') return `${absence}, and the step says pull: never.${hint}`;
  return hint === '' ? null : `${absence}, and would be pulled from ${registryOf(image.name)}.${hint}`;
}

/** Null where the account may not list nodes, none is listed, or one has more images than it reports. */
async function reportedImages({
  cluster,
  logger,
}: {
  cluster: Cluster;
  logger: Logger;
}): Promise<string[] | null> {
  try {
    const { items } = nodes.parse(await cluster.request('list nodes', '/api/v1/nodes', { limitMs }));
    const reports = items.map(({ status }) => status.images ?? []);
    const isKnown = reports.length > 0 && reports.every(({ length }) => length > 0 && length < maxReported);
    return isKnown ? reports.flat().flatMap(({ names }) => names ?? []) : null;
  } catch (error) {
    logger.debug({ error: messageOf(error) }, 'the images of nodes could not be looked at');
    return null;
  }
}

/** With its host and its tag, as containerd tells: `docker.io/library/nginx:1` for `nginx:1`. */
function fullName(name: string): string {
  if (name.includes('@')) return name;
  const tag = /:[^/:]*$/.exec(name)?.[0] ?? ':latest';
  return repositoryOf(name) + tag;
}

/** As people write it. */
function shortName(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/)?/, '');
}
