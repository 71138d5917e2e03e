import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { PlannedNode } from '../../model/node';
import type { Backend } from '../backend';
import { defaultImage } from '../container-facts';
import type { Builds, WantedBuild } from './build/builds';
import type { Images, WantedImage } from './images';

/** The most images that one engine pulls early at a time, for all executions. What a step waits for is pulled beside them. */
const maxAtOnce = 3;

interface QueuedPull {
  image: WantedImage;
  signal: AbortSignal;
  onEnd(): void;
}

/** Implements `Backend.pullImages`. */
export function createEarlyPulls({
  images,
  builds,
  logger,
}: {
  images: Pick<Images, 'ensure'>;
  builds: Pick<Builds, 'basesOf'>;
  logger: Logger;
}): NonNullable<Backend['pullImages']> {
  const queue: QueuedPull[] = [];
  let running = 0;

  async function pull({ image, signal }: QueuedPull): Promise<void> {
    try {
      await images.ensure(image, 'missing', signal, () => undefined);
    } catch (error) {
      // The step that needs the image pulls it itself, and says what is wrong.
      if (!signal.aborted) {
        logger.debug({ image: image.name, error: messageOf(error) }, 'an image could not be pulled early');
      }
    }
  }

  async function work(): Promise<void> {
    running += 1;
    for (let next = queue.shift(); next; next = queue.shift()) {
      await pull(next);
      next.onEnd();
    }
    running -= 1;
  }

  async function basesOf(node: PlannedNode, wanted: WantedBuild, signal: AbortSignal): Promise<string[]> {
    try {
      return await builds.basesOf(wanted, signal);
    } catch (error) {
      // The step that builds says what is wrong.
      if (!signal.aborted) {
        const about = { step: node.id, error: messageOf(error) };
        logger.debug(about, 'what a build begins with is not known early');
      }
      return [];
    }
  }

  /** Resolves when the pulls have ended, or the signal is aborted. */
  function pullAll(wanted: readonly WantedImage[], signal: AbortSignal): Promise<void> {
    if (signal.aborted || wanted.length === 0) return Promise.resolve();
    return new Promise<void>((resolve) => {
      let left = wanted.length;
      const end = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const onEnd = () => {
        left -= 1;
        if (left === 0) end();
      };
      const own = wanted.map((image) => ({ image, signal, onEnd }));
      /** Those of other executions may take long: nobody waits for them. */
      const leave = () => {
        for (const each of own) {
          const at = queue.indexOf(each);
          if (at >= 0) queue.splice(at, 1);
        }
        end();
      };
      signal.addEventListener('abort', leave);
      queue.push(...own);
      while (running < maxAtOnce && queue.length > 0) void work();
    });
  }

  return async (nodes, { signal, registryLogin }) => {
    const { plain, built, neverPulled } = earlyOnes(nodes);
    const login = registryLogin ? { registryLogin } : {};
    const known = new Set<string>();
    const pullNew = (images: WantedImage[]) => {
      const wanted = images.filter((image) => !neverPulled.has(image.name) && !known.has(keyOf(image)));
      for (const image of wanted) known.add(keyOf(image));
      return pullAll(
        wanted.map((image) => ({ ...image, ...login })),
        signal,
      );
    };
    const pulls = [pullNew(plain)];
    // A package is read for each: one after the other, while the others are pulled already.
    for (const [node, wanted] of built) {
      if (signal.aborted) break;
      const bases = await basesOf(node, wanted, signal);
      pulls.push(pullNew(bases.map((name) => ({ name, platform: wanted.platform }))));
    }
    await Promise.all(pulls);
  };
}

/**
 * The images in the order in which they are needed, and the builds, each of both once. It leaves out names that are filled
 * in when their step starts, builds that may pull nothing, and what only steps need that run only after a failure.
 * `neverPulled`: what any of the steps may not pull.
 */
function earlyOnes(nodes: readonly PlannedNode[]): {
  plain: WantedImage[];
  built: [PlannedNode, WantedBuild][];
  neverPulled: ReadonlySet<string>;
} {
  const never = nodes.filter(({ build, pull }) => build === null && pull === 'never');
  const unlikely = afterFailuresOnly(nodes);
  const plain = new Map<string, WantedImage>();
  const built = new Map<string, [PlannedNode, WantedBuild]>();
  for (const node of nodes) {
    const isLate = node.templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    if (isLate || unlikely.has(node.id)) continue;
    const { build, packageDigest, pull } = node;
    const { platform } = node.container;
    if (build === null) {
      const image = { name: imageOf(node), platform };
      if (!plain.has(keyOf(image))) plain.set(keyOf(image), image);
    } else if (pull !== 'never') {
      const wanted = { build, packageDigest, platform, pull };
      if (!built.has(JSON.stringify(wanted))) built.set(JSON.stringify(wanted), [node, wanted]);
    }
  }
  return {
    plain: [...plain.values()],
    built: [...built.values()],
    neverPulled: new Set(never.map(imageOf)),
  };
}

function keyOf({ name, platform }: WantedImage): string {
  return JSON.stringify([name, platform]);
}

function imageOf({ pinnedImage, image }: PlannedNode): string {
  return pinnedImage ?? image ?? defaultImage;
}

/** The ids of the steps with `on_failure`, and of those that come after them. */
function afterFailuresOnly(nodes: readonly PlannedNode[]): Set<string> {
  const found = new Set<string>();
  for (const { id, after, onFailure, always } of nodes) {
    if (onFailure.length > 0 || (!always && after.some((each) => found.has(each)))) found.add(id);
  }
  return found;
}
