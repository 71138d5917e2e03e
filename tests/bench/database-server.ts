import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@/lib/clock';
import { startEmbeddedPostgres } from '@/lib/store/postgres/embedded';
import { silentLogger } from '../support/silent-logger';

/** Makes openTestDatabase work: by the PostgreSQL of GANTRY_TEST_DATABASE_URL, else by the one that comes with Gantry. */
export async function startDatabaseServer(folder: string): Promise<{ kind: string; stop(): Promise<void> }> {
  if (process.env.GANTRY_TEST_DATABASE_URL) {
    return { kind: 'the PostgreSQL of GANTRY_TEST_DATABASE_URL', stop: async () => undefined };
  }
  const place = path.join(folder, 'postgres');
  await mkdir(place);
  // The server's user has to come in.
  for (const each of [folder, place]) await chmod(each, 0o755);
  const server = await startEmbeddedPostgres({ clock: systemClock, logger: silentLogger }, place);
  process.env.GANTRY_TEST_DATABASE_URL = server.url;
  return { kind: 'the embedded PostgreSQL', stop: server.stop };
}
