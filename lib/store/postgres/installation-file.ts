import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';

/**
 * The installation's name beside the database: a new database in the same data folder goes on under it, so that what
 * a lost one's executions left on their backends is still ours.
 */
export async function readInstallationFile(dataFolder: string): Promise<string | null> {
  try {
    const text = (await readFile(fileIn(dataFolder), 'utf8')).trim();
    return /^[a-z0-9]{8,64}$/.test(text) ? text : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** One that cannot be written is no reason not to start. */
export async function writeInstallationFile(
  { logger }: { logger: Logger },
  dataFolder: string,
  id: string,
): Promise<void> {
  try {
    await writeFile(fileIn(dataFolder), `${id}\n`);
  } catch (error) {
    logger.warn({ error: messageOf(error) }, 'the name of this installation could not be written down');
  }
}

function fileIn(dataFolder: string): string {
  return path.join(dataFolder, 'installation');
}
