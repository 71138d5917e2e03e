import { index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Trigger, TriggerDelivery } from '../lib/model/trigger';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/** What launches suites when a signed message comes. It names the place of its secret, never the secret. */
export const triggers = pgTable('triggers', {
  id: text().primaryKey(),
  trigger: jsonb().$type<Trigger>().notNull(),
});

/** Messages that were rightly signed; what launched is kept as long as the trigger, so that none launches twice. */
export const triggerDeliveries = pgTable(
  'trigger_deliveries',
  {
    triggerId: text('trigger_id')
      .notNull()
      .references(() => triggers.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    event: text(),
    receivedAt: time('received_at').notNull().defaultNow(),
    status: text().$type<TriggerDelivery['status']>().notNull(),
    /** No reference: the execution may be removed before. */
    executionId: text('execution_id'),
    reason: text(),
  },
  (table) => [
    primaryKey({ columns: [table.triggerId, table.key] }),
    index('trigger_deliveries_received').on(table.triggerId, table.receivedAt),
  ],
);
