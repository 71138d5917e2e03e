import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../model/errors';
import { walkFolder } from './walk-folder';

/** A folder with more entries is refused anyway. */
const maxEntries = 20_000;

/** Computes a value that changes when anything in the folder does, by names, sizes, modes and times alone. Blocks. */
export function fingerprintFolder(folder: string): string {
  const hash = createHash('sha1');
  let left = maxEntries;
  try {
    for (const { path: relative, stats } of walkFolder(folder)) {
      const target = stats.isSymbolicLink()
        ? statSync(path.join(folder, relative), { bigint: true, throwIfNoEntry: false })
        : undefined;
      for (const each of [stats, target]) {
        if (each)
          hash.update(`${relative}\0${each.ino} ${each.size} ${each.mode} ${each.mtimeNs} ${each.ctimeNs}\0`);
      }
      if (--left === 0) break;
    }
  } catch (error) {
    // A folder that cannot be read has this for its state, until it can.
    hash.update(messageOf(error));
  }
  return hash.digest('hex');
}
