import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../model/logger';
import type { Store } from '../store';
import { isRunning, startMark } from './server/process-info';

const ownerRecord = z.object({
  owner: z.string(),
  pid: z.int(),
  startMark: z.string().nullable(),
  host: z.string(),
});
type OwnerRecord = z.infer<typeof ownerRecord>;

/**
 * Gives up what the control plane that used this data folder before still holds, when its process is gone: after
 * a crash its executions go on at once, not only when their leases have run out. Then remembers this one.
 */
export async function succeedPredecessor(
  { store, logger }: { store: Pick<Store, 'executions'>; logger: Logger },
  dataFolder: string,
  owner: string,
): Promise<void> {
  const file = path.join(dataFolder, 'control-plane.json');
  const last = await readRecord(file);
  if (last && (await isGone(last))) {
    const released = await store.executions.releaseAll(last.owner);
    if (released > 0)
      logger.info({ owner: last.owner, executions: released }, 'what a killed control plane held goes on');
  }
  const mine: OwnerRecord = {
    owner,
    pid: process.pid,
    startMark: await startMark(process.pid),
    host: hostname(),
  };
  await writeFile(file, `${JSON.stringify(mine)}\n`);
}

async function readRecord(file: string): Promise<OwnerRecord | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return ownerRecord.parse(JSON.parse(text));
  } catch {
    // Cut short by a crash: its leases run out by themselves.
    return null;
  }
}

/** Nothing can be said of a process on another host. */
async function isGone(last: OwnerRecord): Promise<boolean> {
  if (last.host !== hostname()) return false;
  return !(await isRunning(last.pid)) || (await startMark(last.pid)) !== last.startMark;
}
