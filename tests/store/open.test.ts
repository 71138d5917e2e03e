import postgres from 'postgres';
import { expect, test } from 'vitest';
import { systemClock } from '@/lib/clock';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import { openTestDatabase, silentLogger } from '../support/database';

const dependencies = { clock: systemClock, logger: silentLogger };

test('five control planes that start on one fresh database at once all open it, as one installation', async () => {
  const database = await openTestDatabase('empty');
  try {
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => openPostgresStore(dependencies, database.url)),
    );
    const installations = new Set(stores.map((store) => JSON.stringify(store.installation)));
    expect(installations.size).toBe(1);
    expect(stores[0]?.installation.secret).toMatch(/^[0-9a-f]{64}$/);
    await Promise.all(stores.map((store) => store.close()));
    const sql = postgres(database.url, { max: 1 });
    const [row] = await sql<{ applied: number; journal: number }[]>`
      select count(*)::integer as applied, count(distinct hash)::integer as journal
      from drizzle.__drizzle_migrations`;
    await sql.end();
    expect(row?.applied).toBe(row?.journal);
  } finally {
    await database.drop();
  }
});

test('a database that is not there is said to be unavailable, without its password', async () => {
  const opening = openPostgresStore(dependencies, 'postgres://gantry:hunter22@127.0.0.1:9/none');
  await expect(opening).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(opening).rejects.not.toThrow('hunter22');
});

test('closing leaves no connection behind', async () => {
  const database = await openTestDatabase('empty');
  const store = await openPostgresStore(dependencies, database.url);
  await Promise.all(Array.from({ length: 20 }, () => store.ping()));
  await store.close();
  const sql = postgres(database.url, { max: 1 });
  const [row] = await sql<{ others: number }[]>`
    select count(*)::integer as others from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
  await sql.end();
  expect(row?.others).toBe(0);
  await expect(store.ping()).rejects.toMatchObject({ code: 'store_unavailable' });
  await database.drop();
});
