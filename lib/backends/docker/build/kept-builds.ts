import { z } from 'zod';
import { messageOf } from '../../../model/errors';
import type { Logger } from '../../../model/logger';
import { labelNames } from '../../labels';
import { type Daemon, refusalStatus, slowMs } from '../daemon';

/** Built images that an installation keeps on an engine. */
export const keptBuilds = 20;

const listed = z.array(z.object({ Created: z.number(), RepoTags: z.array(z.string()).nullish() }));

/**
 * Removes the images that were built first, down to `keptBuilds`. `isUsed` keeps those that a step is about to run; one
 * that a container has stays, because the engine refuses to remove it.
 */
export async function removeOldBuilds(
  { daemon, logger }: { daemon: Daemon; logger: Logger },
  installation: string,
  repository: string,
  isUsed: (image: string) => boolean,
): Promise<void> {
  try {
    const filters = { label: [`${labelNames.installation}=${installation}`], reference: [`${repository}:*`] };
    const images = listed.parse(
      await daemon.call('list the built images', slowMs, (docker) => docker.listImages({ filters })),
    );
    const old = images.sort((a, b) => b.Created - a.Created).slice(keptBuilds);
    for (const tag of old.flatMap(({ RepoTags: tags }) => tags ?? [])) {
      if (!tag.includes(repository) || isUsed(tag)) continue;
      await daemon
        .call(`remove the image ${tag}`, slowMs, (docker) => docker.getImage(tag).remove())
        .catch((error: unknown) => {
          if (![404, 409].includes(refusalStatus(error) ?? 0)) throw error;
        });
    }
  } catch (error) {
    // They are tried again after the next build; the step that was built for is not worse for it.
    logger.warn({ reason: messageOf(error) }, 'old built images could not be removed');
  }
}
