import { z } from 'zod';
import { AppError } from '../../model/errors';
import { type NearImage, nearestImage } from '../near-image';
import type { Daemon } from './daemon';

const listed = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

/**
 * An image of the engine whose name differs by a typo or only by its tag; null if there is none, or if `image` is named
 * by its digest.
 */
export async function findNearImage(
  daemon: Daemon,
  name: string,
  limitMs: number,
): Promise<NearImage | null> {
  if (name.includes('@')) return null;
  try {
    const images = await daemon.call('list its images', limitMs, async (docker, abortSignal) =>
      listed.parse(await docker.listImages({ abortSignal })),
    );
    return nearestImage(
      name,
      images.flatMap(({ RepoTags }) => RepoTags ?? []),
    );
  } catch (error) {
    // It is only a hint.
    if (error instanceof AppError || error instanceof z.ZodError) return null;
    throw error;
  }
}
