import { sql } from 'drizzle-orm';
import { jsonb, pgTable, primaryKey, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type { PersonRole } from '../lib/store/user-store';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

export const users = pgTable(
  'users',
  {
    id: text().primaryKey(),
    /** In lower case; null: of the first admin, until one is given. */
    email: text(),
    name: text().notNull(),
    role: text().$type<PersonRole>().notNull(),
    /** As Argon2 writes it, with salt and costs; null: this person has no password. */
    passwordHash: text('password_hash'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** The name of who made it; null: the server, or an identity provider. */
    madeBy: text('made_by'),
    disabledAt: time('disabled_at'),
    /** Names of groups, to which grants may give rights. */
    groups: jsonb().$type<string[]>().notNull().default(sql`'[]'`),
  },
  (table) => [uniqueIndex('users_email').on(table.email)],
);

/** Who an identity provider says somebody is: the subject never changes there, an e-mail address may. */
export const userIdentities = pgTable(
  'user_identities',
  {
    provider: text().notNull(),
    subject: text().notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.subject] })],
);
