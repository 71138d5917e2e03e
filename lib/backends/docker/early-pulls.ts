import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { PlannedNode } from '../../model/node';
import type { Backend } from '../backend';
import { defaultImage } from '../container-facts';
import type { Builds } from './build/builds';
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

  async function basesOf({
    id,
    build,
    packageDigest,
    pull,
    container,
  }: PlannedNode): Promise<[string, string[]]> {
    if (build === null) return [id, []];
    try {
      return [id, await builds.basesOf({ build, packageDigest, platform: container.platform, pull })];
    } catch (error) {
      // The step that builds says what is wrong.
      logger.debug({ step: id, error: messageOf(error) }, 'what a build begins with is not known early');
      return [id, []];
    }
  }

  return async (nodes, { signal, registryLogin }) => {
    const built = nodes.filter(({ build }) => build !== null);
    // Whoever builds nothing need not wait for it.
    const bases = built.length === 0 ? [] : await Promise.all(built.map(basesOf));
    const wanted = earlyImages(nodes, new Map(bases));
    if (signal.aborted || wanted.length === 0) return;
    await new Promise<void>((resolve) => {
      let left = wanted.length;
      const end = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const onEnd = () => {
        left -= 1;
        if (left === 0) end();
      };
      const own = wanted.map((image) => ({
        image: registryLogin ? { ...image, registryLogin } : image,
        signal,
        onEnd,
      }));
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
  };
}

/**
 * Lists the images in the order in which they are needed, each once, and what builds begin with (`bases`, by step) in the
 * place of what they make. It leaves out names that are filled in when their step starts, images that any of the steps may
 * not pull, and those of steps that run only after a failure.
 */
function earlyImages(
  nodes: readonly PlannedNode[],
  bases: ReadonlyMap<string, readonly string[]>,
): WantedImage[] {
  const namesOf = (node: PlannedNode) => (node.build === null ? [imageOf(node)] : (bases.get(node.id) ?? []));
  const neverPulled = new Set(nodes.filter(({ pull }) => pull === 'never').flatMap(namesOf));
  const unlikely = afterFailuresOnly(nodes);
  const found = new Map<string, WantedImage>();
  for (const node of nodes) {
    const isLate = node.templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    if (isLate || unlikely.has(node.id)) continue;
    const { platform } = node.container;
    for (const name of namesOf(node))
      if (!neverPulled.has(name)) found.set(JSON.stringify([name, platform]), { name, platform });
  }
  return [...found.values()];
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
