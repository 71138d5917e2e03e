import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Null when it is not there, or not any more. */
export async function statIfThere(place: string): Promise<Stats | null> {
  try {
    return await stat(place);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
