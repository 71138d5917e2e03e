import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { connectionOptions } from './database';
import { findUpwards } from './project-root';

/** 'gantry' in bytes: the number of the advisory lock that migrations are applied under. */
const lockNumber = '0x67616e747279';

/**
 * Applies the migrations that are missing. drizzle's migrator has no lock of its own, so everything happens on
 * one connection that holds an advisory lock: several control planes may start on one fresh database.
 */
export async function applyMigrations(url: string): Promise<void> {
  const folder = findUpwards('drizzle/migrations/meta/_journal.json');
  if (!folder) {
    throw new Error('drizzle/migrations was not found above the working folder: start Gantry in its project');
  }
  const sql = postgres(url, {
    ...connectionOptions,
    max: 1,
    max_lifetime: null,
    connection: {
      ...connectionOptions.connection,
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
    },
  });
  try {
    await sql`select pg_advisory_lock(${Number(lockNumber)}::bigint)`;
    await migrate(drizzle(sql), { migrationsFolder: folder.replace(/.meta._journal\.json$/, '') });
  } finally {
    // The lock goes with the connection.
    await sql.end({ timeout: 5 });
  }
}
