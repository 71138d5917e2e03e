import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { PlannedNode } from '../../model/node';
import type { Backend } from '../backend';
import { defaultImage } from '../container-facts';
import type { Images, WantedImage } from './images';

/** The most images that one engine pulls early at a time, for all executions. What a step waits for is pulled beside them. */
const maxAtOnce = 3;

interface Wish {
  image: WantedImage;
  signal: AbortSignal;
  done(): void;
}

/** Implements `Backend.pullImages`. */
export function createEarlyPulls({
  images,
  logger,
}: {
  images: Images;
  logger: Logger;
}): NonNullable<Backend['pullImages']> {
  const queue: Wish[] = [];
  let running = 0;

  async function pull({ image, signal }: Wish): Promise<void> {
    if (signal.aborted) return;
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
    for (let wish = queue.shift(); wish; wish = queue.shift()) {
      await pull(wish);
      wish.done();
    }
    running -= 1;
  }

  return async (nodes, { signal, registryLogin }) => {
    const pulled = earlyImages(nodes).map(
      (image) =>
        new Promise<void>((done) => {
          queue.push({ image: registryLogin ? { ...image, registryLogin } : image, signal, done });
        }),
    );
    while (running < maxAtOnce && queue.length > 0) void work();
    await Promise.all(pulled);
  };
}

/**
 * Lists the images in the order in which they are needed, each once: last those of steps that run only after a failure.
 * It leaves out images that are built, that no step may pull, or whose names are filled in when their step starts.
 */
function earlyImages(nodes: readonly PlannedNode[]): WantedImage[] {
  const found = new Map<string, WantedImage>();
  const sorted = [...nodes].sort((a, b) => Number(a.onFailure.length > 0) - Number(b.onFailure.length > 0));
  for (const { image, pinnedImage, build, pull, container, templates } of sorted) {
    const isLate = templates?.some(({ at, parts }) => at[0] === 'image' && parts !== null) ?? false;
    if (build !== null || pull === 'never' || isLate) continue;
    const name = pinnedImage ?? image ?? defaultImage;
    const { platform } = container;
    found.set(JSON.stringify([name, platform]), { name, platform });
  }
  return [...found.values()];
}
