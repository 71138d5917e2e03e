import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import { statIfThere } from './stat-if-there';

const dayMs = 24 * 60 * 60_000;
const roundMs = 60 * 60_000;
/** A fetch is over long before: what is older is of a process that died. */
const abandonedMs = dayMs;

export interface CacheLimits {
  /** Since it was last used. */
  days: number;
  /** All together; those that were used longest ago go first. */
  bytes: number;
}

/** Keeps the folder of fetched packages within its limits, a round an hour, until the signal ends. */
export async function keepCachePruned(
  { clock, logger }: { clock: Clock; logger: Logger },
  folder: string,
  limits: CacheLimits,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      const removed = await pruneCache(folder, limits, clock.now().getTime());
      if (removed > 0) logger.info({ removed }, 'fetched packages that nobody used were removed');
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'fetched packages could not be looked through');
    }
    await clock.sleep(roundMs, stopping);
  }
}

/** Answers how many packages it has removed. One that is used again is fetched again. */
export async function pruneCache(folder: string, limits: CacheLimits, nowMs: number): Promise<number> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept: { place: string; usedAtMs: number; bytes: number }[] = [];
  for (const name of names) {
    const place = path.join(folder, name);
    const usedAtMs = (await statIfThere(place))?.mtimeMs;
    if (usedAtMs === undefined) continue;
    if (/^[0-9a-f]{64}$/.test(name)) kept.push({ place, usedAtMs, bytes: await sizeOf(place) });
    else if (/^(fetching|leaving)-/.test(name) && nowMs - usedAtMs > abandonedMs) await removeWhole(place);
  }
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
  let removed = 0;
  for (const each of kept.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (nowMs - each.usedAtMs <= limits.days * dayMs && bytes <= limits.bytes) continue;
    // Out of the way at once: whoever looks for it meanwhile finds all of it or nothing.
    const leaving = path.join(folder, `leaving-${path.basename(each.place)}`);
    await removeWhole(leaving);
    await rename(each.place, leaving);
    await removeWhole(leaving);
    bytes -= each.bytes;
    removed += 1;
  }
  return removed;
}

function removeWhole(place: string): Promise<void> {
  return rm(place, { recursive: true, force: true });
}

async function sizeOf(place: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await statIfThere(path.join(entry.parentPath, entry.name)))?.size ?? 0;
  }
  return bytes;
}
