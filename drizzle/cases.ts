import { sql } from 'drizzle-orm';
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/** The identity of each case, once. Numbers keep the rows of results small; `id` is what the API shows. */
export const testCases = pgTable(
  'test_cases',
  {
    number: integer().primaryKey().generatedAlwaysAsIdentity(),
    /** Derived from suite, step and identity: see `caseIdOf`. */
    id: text().notNull(),
    suiteId: text('suite_id').notNull(),
    stepId: text('step_id').notNull(),
    file: text(),
    path: jsonb().$type<string[]>().notNull(),
    className: text('class_name'),
    name: text().notNull(),
    parameters: jsonb().$type<Record<string, string>>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('test_cases_id').on(table.id),
    index('test_cases_suite').on(table.suiteId, table.name, table.number),
  ],
);

/** Muted cases. Not bound to `test_cases`: a mute outlives the results of its case. */
export const caseMutes = pgTable('case_mutes', {
  caseId: text('case_id').primaryKey(),
  suiteId: text('suite_id').notNull(),
  stepId: text('step_id').notNull(),
  reason: text().notNull(),
  ticket: text(),
  expiresAt: time('expires_at').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
});

/**
 * A report whose cases are in `case_results`, with the inputs of its run. Not bound to `executions`, which may be
 * removed earlier. Numbers grow with time: the history of a case is in their order.
 */
export const caseReports = pgTable(
  'case_reports',
  {
    number: integer().primaryKey().generatedAlwaysAsIdentity(),
    executionId: text('execution_id').notNull(),
    suiteId: text('suite_id').notNull(),
    stepId: text('step_id').notNull(),
    attempt: integer().notNull(),
    path: text().notNull(),
    artifactId: text('artifact_id').notNull(),
    at: time('at').notNull(),
    profile: text().notNull(),
    packageDigest: text('package_digest').notNull(),
    /** References of the images of all steps of the run, by step. */
    images: jsonb().$type<Record<string, string>>().notNull(),
  },
  (table) => [
    uniqueIndex('case_reports_place').on(table.executionId, table.stepId, table.attempt, table.path),
    index('case_reports_suite').on(table.suiteId, table.stepId, table.number),
    index('case_reports_at').on(table.at),
  ],
);

/** One try of one case. Eight columns at most: with a ninth, every row is eight bytes larger. */
export const caseResults = pgTable(
  'case_results',
  {
    caseNumber: integer('case_number').notNull(),
    /** Without a foreign key: its check of each row takes longer than the insert. Reports are deleted after their rows. */
    reportNumber: integer('report_number').notNull(),
    /** The last try is 0, which is the result; earlier ones by the tool itself count down from it. */
    tryNumber: smallint('try_number').notNull(),
    /** A position in `caseStatuses`. */
    status: smallint().notNull(),
    durationMs: real('duration_ms'),
    /** The position among the outputs of the report. */
    output: integer(),
    /** Equal for messages that differ in numbers, ids, times and addresses alone. */
    fingerprint: bigint({ mode: 'bigint' }),
    message: text(),
  },
  (table) => [
    primaryKey({ columns: [table.caseNumber, table.reportNumber, table.tryNumber] }),
    index('case_results_report').on(table.reportNumber),
    index('case_results_failed').on(table.reportNumber, table.caseNumber).where(sql`status >= 3`),
    index('case_results_fingerprint')
      .on(table.fingerprint, table.reportNumber, table.caseNumber)
      .where(sql`fingerprint is not null`),
  ],
);
