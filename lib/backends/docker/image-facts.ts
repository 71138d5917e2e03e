import { z } from 'zod';
import { AppError } from '../../model/errors';
import type { ImageFacts } from '../../model/image-facts';
import { type Daemon, quickMs } from './daemon';

const container = z.object({ Image: z.string(), Config: z.object({ Image: z.string() }) });
const image = z.object({
  RepoDigests: z.array(z.string()).nullish(),
  Os: z.string().catch(''),
  Architecture: z.string().catch(''),
  Variant: z.string().nullish(),
});

/**
 * The image of a container, also where its name means another one by now; null when the engine does not tell. `named`
 * is what the step calls it, null where it was built.
 */
export async function readImageFacts(
  daemon: Daemon,
  containerId: string,
  named: string | null,
): Promise<ImageFacts | null> {
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
    const platform = [found.Os, found.Architecture, found.Variant ?? ''].filter((part) => part !== '');
    return {
      name,
      id: id.includes(':') ? id : `sha256:${id}`,
      digest: digestOf(name, found.RepoDigests ?? []),
      platform: platform.length < 2 ? null : platform.join('/'),
    };
  } catch (error) {
    // A step is not worse for what is not known of its image.
    if (error instanceof AppError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** An image may be in several registries: the one that the step names comes first. */
function digestOf(name: string, digests: readonly string[]): string | null {
  const repository = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0] ?? null;
}
