import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';
import type {
  WebhookAttempt,
  WebhookDelivery,
  WebhookEvent,
  WebhookForm,
  WebhookMessage,
} from '../lib/model/webhook';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/** Receivers of messages about executions. */
export const webhooks = pgTable('webhooks', {
  id: text().primaryKey(),
  name: text().notNull(),
  url: text().notNull(),
  events: jsonb().$type<WebhookEvent[]>().notNull(),
  suiteId: text('suite_id'),
  /** Where the secret is found, never the secret. */
  secretFrom: text('secret_from').notNull(),
  form: text().$type<WebhookForm>().notNull().default('gantry'),
  enabled: boolean().notNull(),
  createdAt: time('created_at').notNull(),
  changedAt: time('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
});

/** Messages, written before anything is sent. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: text().primaryKey(),
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    /** No reference: the execution may be removed before. */
    executionId: text('execution_id').notNull(),
    event: text().$type<WebhookEvent>().notNull(),
    message: jsonb().$type<WebhookMessage>().notNull(),
    status: text().$type<WebhookDelivery['status']>().notNull(),
    attempts: integer().notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    /** From then on retries are counted: it is later than `createdAt` when somebody had it sent again. */
    tryingSince: time('trying_since').notNull().defaultNow(),
    /** By the database's clock, as the lease of who sends it; null unless it waits. */
    nextAt: time('next_at'),
    lastAttempt: jsonb('last_attempt').$type<WebhookAttempt>(),
  },
  (table) => [
    uniqueIndex('webhook_deliveries_once').on(table.webhookId, table.executionId, table.event),
    index('webhook_deliveries_created').on(table.webhookId, table.createdAt),
    index('webhook_deliveries_waiting').on(table.nextAt).where(sql`status = 'waiting'`),
  ],
);
