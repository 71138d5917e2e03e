import { index, integer, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Role, TokenKind } from '../lib/store/store';
import { users } from './people';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

export const tokens = pgTable(
  'tokens',
  {
    id: text().primaryKey(),
    kind: text().$type<TokenKind>().notNull(),
    name: text().notNull(),
    role: text().$type<Role>().notNull(),
    /** Patterns of the suites that it is for; null: all. */
    suites: jsonb().$type<string[]>(),
    /** SHA-256 of the text. */
    hash: text().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** The name of who made it; null: the server itself did, at a start. */
    madeBy: text('made_by'),
    /** The token that a session was begun with: it ends with that one. */
    madeFrom: text('made_from'),
    /** The token that it took the place of in a rotation. */
    replaces: text(),
    /** The first token of its rotations; null: it is the first one itself. Agents of one may go on with any other. */
    family: text(),
    /** About a minute exact. */
    lastUsedAt: time('last_used_at'),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    /** The person that a session is of, or that an invitation is for: its name and role are the person's. */
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** A session ends when it was not used for so long. */
    idleSeconds: integer('idle_seconds'),
    /** The address and the browser that a session was begun from. */
    address: text(),
    /** When the person of a session, or the bearer of its token, last showed who they are; null: as it began; 1970: nobody knows. */
    provenAt: time('proven_at'),
    userAgent: text('user_agent'),
  },
  (table) => [
    uniqueIndex('tokens_hash').on(table.hash),
    index('tokens_made_from').on(table.madeFrom),
    index('tokens_replaces').on(table.replaces),
    index('tokens_family').on(table.family),
    index('tokens_user').on(table.userId),
  ],
);
