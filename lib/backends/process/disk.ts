import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** What lies below a folder, in bytes of disk. Links are not followed, and what goes away meanwhile is not counted. */
export async function measureFolder(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await measureFolder(file);
    else bytes += ((await lstat(file).catch(() => null))?.blocks ?? 0) * 512;
  }
  return bytes;
}
