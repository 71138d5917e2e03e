import { index, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Role, TokenKind } from '../lib/store/store';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

export const tokens = pgTable(
  'tokens',
  {
    id: text().primaryKey(),
    kind: text().$type<TokenKind>().notNull(),
    name: text().notNull(),
    role: text().$type<Role>().notNull(),
    /** SHA-256 of the text. */
    hash: text().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** The name of who made it; null: the server itself did, at a start. */
    madeBy: text('made_by'),
    /** The token that a session was begun with: it ends with that one. */
    madeFrom: text('made_from'),
    /** About a minute exact. */
    lastUsedAt: time('last_used_at'),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
  },
  (table) => [uniqueIndex('tokens_hash').on(table.hash), index('tokens_made_from').on(table.madeFrom)],
);
