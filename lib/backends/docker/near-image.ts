import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AppError } from '../../model/errors';
import type { Daemon } from './daemon';

const listed = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

/** More are no slip of the keyboard. */
const maxSlips = 2;

/**
 * An image of the engine whose name differs by a typo or only by its tag; null if there is none, or if `image` is named
 * by its digest.
 */
export async function findNearImage(daemon: Daemon, name: string, limitMs: number): Promise<string | null> {
  if (name.includes('@')) return null;
  try {
    const images = await daemon.call('list its images', limitMs, async (docker, abortSignal) =>
      listed.parse(await docker.listImages({ abortSignal })),
    );
    return nearest(
      name,
      images.flatMap(({ RepoTags }) => RepoTags ?? []),
    );
  } catch (error) {
    // It is only a hint.
    if (error instanceof AppError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function nearest(name: string, known: readonly string[]): string | null {
  const repository = repositoryOf(name);
  const near = known
    .filter((candidate) => candidate !== name && candidate !== `${name}:latest` && !candidate.startsWith('<'))
    .map((candidate) => ({ candidate, slips: distance(repository, repositoryOf(candidate)) }))
    .filter(({ slips }) => slips <= Math.min(maxSlips, repository.length / 4))
    .sort((a, b) => a.slips - b.slips || distance(name, a.candidate) - distance(name, b.candidate));
  return near[0]?.candidate ?? null;
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
