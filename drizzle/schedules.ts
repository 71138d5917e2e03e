import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Schedule, ScheduleFiring } from '../lib/model/schedule';
import type { ScheduleMaker } from '../lib/store/schedule-store';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/** When suites are launched by themselves. */
export const schedules = pgTable(
  'schedules',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    suiteId: text('suite_id').notNull(),
    profile: text(),
    backend: text(),
    cron: text().notNull(),
    timeZone: text('time_zone').notNull(),
    enabled: boolean().notNull(),
    jitterSeconds: integer('jitter_seconds').notNull(),
    whenRunning: text('when_running').$type<Schedule['whenRunning']>().notNull(),
    whenMissed: text('when_missed').$type<Schedule['whenMissed']>().notNull(),
    changedAt: time('changed_at').notNull(),
    changedBy: text('changed_by').notNull(),
    /** By whose right it launches; null: that of the file that declares it, or it was saved before this was recorded. */
    makerKind: text('maker_kind').$type<ScheduleMaker['kind']>(),
    makerId: text('maker_id'),
    /** The `changed_at` that the maker was saved with. Another one: a release without makers has saved it since. */
    makerAt: time('maker_at'),
    /** The file that declares it; null when a person made it. */
    declaredIn: text('declared_in'),
    /** Its file no longer declares it: it launches nothing, and is kept for a while with its history. */
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true, mode: 'string' }),
    /** The planned time that has no firing yet, without the jitter; null when it is off. */
    nextAt: time('next_at'),
    /** The same with the jitter; null when it is withdrawn, too. */
    dueAt: time('due_at'),
  },
  (table) => [index('schedules_due').on(table.dueAt).where(sql`due_at is not null`)],
);

/** The last declaration of each suite whose file declares schedules, or has declared some. */
export const scheduleDeclarations = pgTable('schedule_declarations', {
  suiteId: text('suite_id').primaryKey(),
  /** The name of the suite's folder: while its file cannot be read, this is all that is known of it. */
  folder: text().notNull(),
  /** Of what it declares, which may be nothing; null when its schedules were withdrawn as unseen. */
  digest: text(),
  /** When a control plane last found a suite with this declaration, measured by the database's clock. */
  seenAt: timestamp('seen_at', { withTimezone: true, mode: 'string' }).notNull(),
});

/** One row for each planned time that has come, written before anything is launched. */
export const scheduleFirings = pgTable(
  'schedule_firings',
  {
    scheduleId: text('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    plannedAt: time('planned_at').notNull(),
    status: text().$type<ScheduleFiring['status']>().notNull(),
    /** No reference: the execution may be removed before. */
    executionId: text('execution_id'),
    reason: text(),
    /** Until then one control plane works on it, or none has to look at it; measured by the database's clock. */
    leaseUntil: timestamp('lease_until', { withTimezone: true, mode: 'string' }),
  },
  (table) => [
    primaryKey({ columns: [table.scheduleId, table.plannedAt] }),
    index('schedule_firings_waiting').on(table.scheduleId, table.plannedAt).where(sql`status = 'waiting'`),
  ],
);
