import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type Clock, systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { Store } from '@/lib/store/store';
import { silentLogger } from './silent-logger';

export { silentLogger };

/**
 * A fresh database on the PostgreSQL of GANTRY_TEST_DATABASE_URL, or on an embedded one that the test run shares
 * (see global-database.ts): empty, or already migrated for a test that is not about that.
 */
export async function openTestDatabase(
  state: 'empty' | 'migrated' = 'migrated',
): Promise<{ url: string; drop(): Promise<void> }> {
  const { url: server, migrated } = await testServer();
  const name = `gantry_test_${randomBytes(6).toString('hex')}`;
  const copied = state === 'migrated' && migrated ? ` template ${migrated} strategy file_copy` : '';
  await administer(server, `create database ${name}${copied}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(server, `drop database if exists ${name} with (force)`) };
}

/** A store on a fresh database; `close` drops it. */
export async function openTestStore({
  clock = systemClock,
}: {
  clock?: Clock;
} = {}): Promise<{ store: Store; url: string; close(): Promise<void> }> {
  const database = await openTestDatabase();
  const store = await openPostgresStore({ clock, logger: silentLogger }, database.url);
  return {
    store,
    url: database.url,
    async close() {
      await store.close();
      await database.drop();
    },
  };
}

async function testServer(): Promise<{ url: string; migrated: string | null }> {
  const given = process.env.GANTRY_TEST_DATABASE_URL;
  if (given) return { url: given, migrated: null };
  const broker = inject('databaseBroker');
  if (!broker) throw new Error('vitest runs without tests/support/global-database.ts');
  const answer = await fetch(broker);
  if (!answer.ok) throw new Error(`no PostgreSQL for tests: ${await answer.text()}`);
  return answer.json();
}

async function administer(server: string, statement: string): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
