import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { ResourceKind } from '../lib/model/receipt';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/**
 * What executions made on their backends, or were about to make. Not bound to `executions`: a resource may be there
 * although its execution is not.
 */
export const resources = pgTable(
  'resources',
  {
    executionId: text('execution_id').notNull(),
    kind: text().$type<ResourceKind>().notNull(),
    name: text().notNull(),
    backendId: text('backend_id').notNull(),
    stepId: text('step_id'),
    attempt: integer(),
    intendedAt: time('intended_at').notNull().defaultNow(),
    /** Null: it was never seen. */
    madeAt: time('made_at'),
    /** Closed: it is gone, or was never made. */
    removedAt: time('removed_at'),
    removedBy: text('removed_by'),
    /** Why the last removal failed. */
    leftReason: text('left_reason'),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.kind, table.name] }),
    index('resources_open').on(table.backendId).where(sql`removed_at is null`),
  ],
);

/** Environments that outlive their executions. */
export const keptEnvironments = pgTable('kept_environments', {
  executionId: text('execution_id').primaryKey(),
  until: time('until').notNull(),
});
