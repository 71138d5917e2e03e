import { customType, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { executions } from './schema';

const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Secrets that launches brought, encrypted with a key that is not in the database. */
export const launchSecrets = pgTable(
  'launch_secrets',
  {
    executionId: text('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    sealed: bytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.key] })],
);
