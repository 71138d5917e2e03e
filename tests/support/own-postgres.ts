import { mkdir } from 'node:fs/promises';
import postgres from 'postgres';
import { systemClock } from '@/lib/clock';
import { findBinaries } from '@/lib/store/postgres/server/binaries';
import { makeCluster, openDataFolder, superuser } from '@/lib/store/postgres/server/data-folder';
import { freePort } from '@/lib/store/postgres/server/free-port';
import { chooseUser } from '@/lib/store/postgres/server/run-as';
import { startServer } from '@/lib/store/postgres/server/server-process';
import { silentLogger } from './silent-logger';

/** A PostgreSQL of a test's own, at one address for good: it may stop and lose its sessions. */
export interface OwnPostgres {
  url: string;
  /** Ends every session as an administrator does who restarts the server. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** `pg_terminate_backend` of all sessions but the one that asks. Answers how many there were. */
  terminateSessions(): Promise<number>;
}

/** Started, in a folder that is not there yet and that other users can come to. Whoever starts it stops it. */
export async function startOwnPostgres(folder: string): Promise<OwnPostgres> {
  await mkdir(folder, { mode: 0o755 });
  const user = await chooseUser();
  const native = await findBinaries(user);
  const place = await openDataFolder({ logger: silentLogger }, folder, user);
  await makeCluster(place, native);
  const port = await freePort();
  const start = () => startServer({ clock: systemClock }, place, native, port);
  let server = await start();
  const url = `postgres://${superuser}:${place.password}@127.0.0.1:${port}/postgres`;
  return {
    url,
    stop: () => server.stop(),
    async start() {
      server = await start();
    },
    async terminateSessions() {
      const sql = postgres(url, { max: 1, onnotice: () => undefined });
      try {
        const ended = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where pid <> pg_backend_pid() and backend_type = 'client backend'`;
        return ended.length;
      } finally {
        await sql.end();
      }
    },
  };
}
