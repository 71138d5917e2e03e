/** A script that did not come: it may come yet. Any other error is one of the script itself and stays. */
export function isLoadError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ChunkLoadError';
}

/** How long to wait before a load is tried again: from 3 s to half a minute. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(30_000, 3_000 * 2 ** (failures - 1));
}
