import { z } from 'zod';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { LookedUpImage, LookUpImages } from '../../model/image-look-up';
import { registryOf, repositoryOf } from '../../model/image-reference';
import type { Logger } from '../../model/logger';
import { missingImage } from '../images-to-look-up';
import { hintAt, isDoubtful, nearestImage } from '../near-image';
import type { Cluster } from './cluster';

/** The time limit of a look-up. A launch waits for it. */
const limitMs = 4_000;
/** How long the report of the nodes is kept. A kubelet itself looks at its images every half a minute. */
const keptForMs = 30_000;
/** So many a kubelet reports unless its `nodeStatusMaxImages` says otherwise: where there are as many, more may be there. */
const maxReported = 50;
/** A kubelet reports no more names of an image: where there are as many, it may have more. */
const maxNames = 5;
/** The images of more nodes are not looked at. */
const maxNodes = 200;
/** Names to which that of a missing image is compared. */
const maxCompared = 2_000;

const nodes = z.object({
  metadata: z.object({ continue: z.string().nullish() }).prefault({}),
  items: z.array(
    z.object({
      status: z
        .object({ images: z.array(z.object({ names: z.array(z.string()).nullish() })).nullish() })
        .prefault({}),
    }),
  ),
});

interface Report {
  /** With host and tag. */
  full: ReadonlySet<string>;
  /** As people write them. */
  short: string[];
}

interface LookUpDependencies {
  clock: Clock;
  cluster: Cluster;
  logger: Logger;
}

/**
 * Implements `Backend.missingImages`. A cluster cannot be asked for an image without pulling it: what its nodes report is
 * all that is known. An image that none reports is only spoken of where it would never be pulled, or where its name is
 * nearly that of one that is there.
 */
export function createNodeLookUp(deps: LookUpDependencies): LookUpImages {
  const { clock } = deps;
  let kept: { report: Promise<Report | null>; untilMs: number } | null = null;
  return async (images) => {
    const nowMs = clock.monotonicMs();
    if (kept === null || kept.untilMs <= nowMs) {
      kept = { report: readReport(deps), untilMs: nowMs + keptForMs };
    }
    const report = await kept.report;
    if (report === null) return [];
    return images.map((image) =>
      report.full.has(fullName(image.name)) ? null : sentenceOf(image, report.short),
    );
  };
}

function sentenceOf(image: LookedUpImage, known: readonly string[]): string | null {
  const near = nearestImage(image.name, known);
  const hint = hintAt(image.name, near, 'on a node');
  const absence = `${missingImage(image)}: no node of the cluster reports it`;
  if (image.pull === 'never') return `${absence}, and the step says pull: never.${hint}`;
  return isDoubtful(image.name, near)
    ? `${absence}, and would be pulled from ${registryOf(image.name)}.${hint}`
    : null;
}

/**
 * Null where the account may not list nodes, none or too many are listed, or one may have more images, or more names of
 * an image, than it reports.
 */
async function readReport({ cluster, logger }: LookUpDependencies): Promise<Report | null> {
  try {
    const query = { limit: String(maxNodes) };
    const list = nodes.parse(await cluster.request('list nodes', '/api/v1/nodes', { limitMs, query }));
    if (list.items.length === 0 || list.metadata.continue) return null;
    const names = new Set<string>();
    for (const { status } of list.items) {
      const images = status.images ?? [];
      if (images.length === 0 || images.length >= maxReported) return null;
      if (images.some((image) => (image.names?.length ?? 0) >= maxNames)) return null;
      for (const name of images.flatMap((image) => image.names ?? []))
        if (!name.includes('@')) names.add(name);
    }
    return {
      full: new Set([...names].map(fullName)),
      short: [...new Set([...names].map(shortName))].slice(0, maxCompared),
    };
  } catch (error) {
    logger.debug({ error: messageOf(error) }, 'the images of nodes could not be looked at');
    return null;
  }
}

/** As containerd tells: `docker.io/library/nginx:1` for `nginx:1`. */
function fullName(name: string): string {
  const tag = /:[^/:]*$/.exec(name)?.[0] ?? ':latest';
  return repositoryOf(name) + tag;
}

/** As people write it. */
function shortName(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/)?/, '');
}
