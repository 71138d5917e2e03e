import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@/lib/clock';
import { startEmbeddedPostgres } from '@/lib/store/postgres/embedded';
import { silentLogger } from '../support/silent-logger';

export interface KillablePostgres {
  url: string;
  /** SIGKILL to its main process; it comes back by itself, on the same port. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL of the harness's own, in a folder that is not there yet. */
export async function startKillablePostgres(folder: string): Promise<KillablePostgres> {
  await mkdir(folder, { mode: 0o755 });
  const server = await startEmbeddedPostgres({ clock: systemClock, logger: silentLogger }, folder);
  return {
    ...server,
    async kill() {
      const text = await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8');
      process.kill(Number(text.split('\n')[0]), 'SIGKILL');
    },
  };
}
