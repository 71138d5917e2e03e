import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { ImageFacts } from '../../model/image-facts';
import { repositoryOf } from '../../model/image-reference';
import { type Daemon, quickMs } from './daemon';

const container = z.object({ Image: z.string(), Config: z.object({ Image: z.string() }) });
const image = z.object({
  RepoDigests: z.array(z.string()).nullish(),
  Os: z.string().catch(''),
  Architecture: z.string().catch(''),
  Variant: z.string().nullish(),
});
const store = z.object({ DriverStatus: z.array(z.array(z.string())).nullish() });

/** An engine changes its store only by a restart. */
const storeKnownForMs = 60_000;

/**
 * The image of a container, also where its name means another one by now; null when the engine does not tell. `named`
 * is the name in the step; null means the name in the container. `wasPulled` says that this process pulled it.
 */
export type ImageFactsReader = (
  containerId: string,
  named: string | null,
  wasPulled: boolean,
) => Promise<ImageFacts | null>;

export function createImageFactsReader({
  clock,
  daemon,
}: {
  clock: Clock;
  daemon: Daemon;
}): ImageFactsReader {
  let known: { isClassic: boolean; untilMs: number } | null = null;

  /**
   * Whether a digest beside an image means that a registry has it: Docker's own store has one for what was pulled or
   * pushed, while its containerd store and Podman give one to each image that has a name.
   */
  async function isClassicStore(): Promise<boolean> {
    const now = clock.monotonicMs();
    if (known && now < known.untilMs) return known.isClassic;
    const { name } = await daemon.engine(quickMs);
    const { DriverStatus } = store.parse(
      await daemon.call('tell its store', quickMs, (docker) => docker.info()),
    );
    const isContainerd = DriverStatus?.some(
      ([key, value]) => key === 'driver-type' && value === 'io.containerd.snapshotter.v1',
    );
    known = { isClassic: name === 'Docker' && isContainerd !== true, untilMs: now + storeKnownForMs };
    return known.isClassic;
  }

  return async (containerId, named, wasPulled) => {
    try {
      const { Image: id, Config: config } = container.parse(
        await daemon.call('tell the image of a container', quickMs, (docker) =>
          docker.getContainer(containerId).inspect(),
        ),
      );
      const name = named ?? config.Image;
      const found = image.parse(
        await daemon.call(`look at the image ${name}`, quickMs, (docker) => docker.getImage(id).inspect()),
      );
      const digests = found.RepoDigests ?? [];
      // An engine that does not tell its store may have given the digest itself.
      const isAnywhere = digests.length > 0 && (wasPulled || (await isClassicStore().catch(() => false)));
      const platform = [found.Os, found.Architecture, found.Variant ?? ''].filter((part) => part !== '');
      return {
        name,
        id: id.includes(':') ? id : `sha256:${id}`,
        digest: isAnywhere ? digestOf(name, digests) : null,
        platform: platform.length < 2 ? null : platform.join('/'),
      };
    } catch (error) {
      // A step is not worse for what is not known of its image.
      if (error instanceof AppError || error instanceof z.ZodError) return null;
      throw error;
    }
  };
}

/** The digest in the repository that `name` names. An image may have digests of other registries too. */
function digestOf(name: string, digests: readonly string[]): string | null {
  const repository = repositoryOf(name);
  return digests.find((digest) => repositoryOf(digest) === repository) ?? null;
}
