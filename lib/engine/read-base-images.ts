import { open } from 'node:fs/promises';
import path from 'node:path';
import { baseImages } from '../backends/base-images';
import type { PlannedNode } from '../model/node';
import type { CatalogEntry } from '../suites/suite';

/** As much of a Dockerfile as a build reads. */
const maxBytes = 1024 * 1024;

/**
 * The images that the builds of these steps begin with, by the ids of the steps. `packages` are the suites by the digests
 * of their packages. A Dockerfile that cannot be read has none: the build says what is wrong.
 */
export async function readBaseImages(
  nodes: readonly PlannedNode[],
  packages: ReadonlyMap<string, Pick<CatalogEntry, 'folder'>>,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { id, build, packageDigest } of nodes) {
    if (build === null) continue;
    const text = build.inline ?? (await readText(packages.get(packageDigest)?.folder, build.dockerfile));
    if (text !== null) found.set(id, baseImages(text, build.args));
  }
  return found;
}

async function readText(folder: string | undefined, dockerfile: string | null): Promise<string | null> {
  if (folder === undefined || dockerfile === null) return null;
  try {
    const file = await open(path.join(folder, dockerfile));
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    // The folder may have changed since the plan was made.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
