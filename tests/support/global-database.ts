import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { systemClock } from '../../lib/clock';
import { startEmbeddedPostgres } from '../../lib/store/postgres/embedded';
import { applyMigrations } from '../../lib/store/postgres/migrate';
import { silentLogger } from './silent-logger';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers the URL of the run's own PostgreSQL, which the first question starts. */
    databaseBroker: string | null;
  }
}

/** A database with every migration and nothing else: a copy of it is ready in half the time. */
const migrated = 'gantry_test_migrated';

/** One embedded PostgreSQL for a whole test run, and only if a test needs it. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('databaseBroker', null);
  if (process.env.GANTRY_TEST_DATABASE_URL) return undefined;
  let server: Promise<{ url: string; stop(): Promise<void>; folder: string }> | undefined;
  const broker = createServer((_request, response) => {
    server ??= start();
    server.then(
      ({ url }) => response.end(JSON.stringify({ url, migrated })),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => {
    broker.listen(0, '127.0.0.1', resolve);
  });
  const address = broker.address();
  if (address && typeof address === 'object') {
    project.provide('databaseBroker', `http://127.0.0.1:${address.port}/`);
  }
  return async () => {
    broker.close();
    broker.closeAllConnections();
    const started = await server?.catch(() => undefined);
    if (!started) return;
    await started.stop();
    await rm(started.folder, { recursive: true, force: true });
  };
}

async function start() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gantry-test-postgres-'));
  // The server's user has to come in.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ clock: systemClock, logger: silentLogger }, folder);
  await prepare(server.url);
  return { ...server, folder };
}

/** These databases outlive processes that are killed, and need not outlive the machine: nothing waits for its disk. */
async function prepare(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    await sql.unsafe('alter system set fsync = off');
    await sql.unsafe('alter system set full_page_writes = off');
    await sql`select pg_reload_conf()`;
    await sql.unsafe(`create database ${migrated}`);
  } finally {
    await sql.end();
  }
  const template = new URL(url);
  template.pathname = `/${migrated}`;
  await applyMigrations(template.href);
}
