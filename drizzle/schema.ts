import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Artifact } from '../lib/model/artifact';
import type { ExecutionEvent } from '../lib/model/event';
import type {
  BackendKind,
  Cause,
  ExecutionSummary,
  ResultReuse,
  StepCounts,
  StepPhase,
  StepResult,
} from '../lib/model/execution';
import type { LogStream } from '../lib/model/log-line';
import type { ManagedProfile } from '../lib/model/managed-profile';
import type { StepKind } from '../lib/model/node';
import type { Plan, SuiteIdentity } from '../lib/model/plan';
import type { PlatformSettings } from '../lib/model/platform-settings';
import type { RemovalReceipt } from '../lib/model/receipt';
import type { Report, ReportSummary } from '../lib/model/report';
import type { ExecutionStatus, StepStatus } from '../lib/model/status';
import type { StepSpec } from '../lib/model/step-spec';

const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' });

/** One row. */
export const installation = pgTable('installation', {
  one: boolean().primaryKey().default(true),
  id: text().notNull(),
  secret: text().notNull(),
});

export const executions = pgTable(
  'executions',
  {
    id: text().primaryKey(),
    suiteId: text('suite_id').notNull(),
    suite: jsonb().$type<SuiteIdentity>().notNull(),
    profile: text().notNull(),
    backend: jsonb().$type<{ id: string; kind: BackendKind; label: string }>().notNull(),
    status: text().$type<ExecutionStatus>().notNull(),
    author: text().notNull(),
    labels: jsonb().$type<ExecutionSummary['labels']>().notNull(),
    createdAt: time('created_at').notNull(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
    cancelRequestedAt: time('cancel_requested_at'),
    cancelRequestedBy: text('cancel_requested_by'),
    cause: jsonb().$type<Cause>(),
    stepCounts: jsonb('step_counts').$type<StepCounts>().notNull(),
    flakyCases: integer('flaky_cases').notNull().default(0),
    warnings: jsonb().$type<string[]>().notNull(),
    /** No reference: what was repeated may be removed before. */
    rerunOf: text('rerun_of'),
    /** Its logs and artifacts were removed. */
    outputRemovedAt: time('output_removed_at'),
    concurrencyGroup: text('concurrency_group'),
    concurrencyMax: integer('concurrency_max'),
    concurrencyCancels: boolean('concurrency_cancels'),
    receipt: jsonb().$type<RemovalReceipt>(),
    /** The last numbers given: both are changed only under this row's lock. */
    eventSeq: integer('event_seq').notNull(),
    logSeq: integer('log_seq').notNull().default(0),
    owner: text(),
    epoch: integer().notNull().default(0),
    /** By the database's clock; null: nobody holds it. Not indexed, so that a renewal stays in its page. */
    leaseUntil: timestamp('lease_until', { withTimezone: true, mode: 'string' }),
  },
  (table) => [
    index('executions_active').on(table.createdAt, table.id).where(sql`status in ('queued', 'running')`),
    index('executions_finished').on(table.finishedAt, table.id).where(sql`finished_at is not null`),
    index('executions_created').on(table.createdAt, table.id),
    index('executions_suite').on(table.suiteId, table.createdAt, table.id),
    index('executions_status').on(table.status, table.createdAt, table.id),
    index('executions_output').on(table.finishedAt).where(sql`output_removed_at is null`),
    index('executions_grouped')
      .on(table.concurrencyGroup, table.createdAt, table.id)
      .where(sql`concurrency_group is not null and status in ('queued', 'running')`),
    index('executions_rerun_of').on(table.rerunOf).where(sql`rerun_of is not null`),
    index('executions_labels').using('gin', table.labels.op('jsonb_path_ops')),
  ],
);

const executionId = () =>
  text('execution_id')
    .notNull()
    .references(() => executions.id, { onDelete: 'cascade' });

/** What was launched: apart from the execution's row, which is written often. */
export const plans = pgTable('plans', {
  executionId: executionId().primaryKey(),
  plan: jsonb().$type<Plan>().notNull(),
  env: jsonb().$type<Record<string, string>>().notNull(),
});

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    author: text().notNull(),
    key: text().notNull(),
    requestHash: text('request_hash').notNull(),
    executionId: executionId(),
  },
  (table) => [
    primaryKey({ columns: [table.author, table.key] }),
    index('idempotency_keys_execution').on(table.executionId),
  ],
);

export const steps = pgTable(
  'steps',
  {
    executionId: executionId(),
    id: text().notNull(),
    index: integer().notNull(),
    name: text().notNull(),
    kind: text().$type<StepKind>().notNull(),
    after: jsonb().$type<string[]>().notNull(),
    onFailure: jsonb('on_failure').$type<string[]>().notNull(),
    status: text().$type<StepStatus>().notNull(),
    queuedAt: time('queued_at'),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
    retryAt: time('retry_at'),
    result: jsonb().$type<StepResult>(),
    reports: jsonb().$type<ReportSummary[]>().notNull(),
    takeOver: jsonb('take_over').$type<ResultReuse>(),
    waitsFor: text('waits_for'),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.id] })],
);

export const attempts = pgTable(
  'attempts',
  {
    executionId: text('execution_id').notNull(),
    stepId: text('step_id').notNull(),
    number: integer().notNull(),
    status: text().$type<StepStatus>().notNull(),
    phase: jsonb().$type<StepPhase>(),
    startedAt: time('started_at').notNull(),
    runningAt: time('running_at'),
    readyAt: time('ready_at'),
    finishedAt: time('finished_at'),
    result: jsonb().$type<StepResult>(),
    warnings: jsonb().$type<string[]>().notNull(),
    outputs: jsonb().$type<Record<string, string>>(),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.stepId, table.number] }),
    foreignKey({
      columns: [table.executionId, table.stepId],
      foreignColumns: [steps.executionId, steps.id],
    }).onDelete('cascade'),
  ],
);

/** The specs as dispatched, one per attempt; written before the attempt's first event. */
export const stepSpecs = pgTable(
  'step_specs',
  {
    executionId: executionId(),
    stepId: text('step_id').notNull(),
    attempt: integer().notNull(),
    spec: jsonb().$type<StepSpec>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.stepId, table.attempt] })],
);

export const events = pgTable(
  'events',
  {
    executionId: executionId(),
    seq: integer().notNull(),
    /** The whole event, `seq` and `at` included. */
    event: jsonb().$type<ExecutionEvent>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.seq] })],
);

/** Consecutive lines of one attempt. The chunks of an execution follow each other without a gap. */
export const logChunks = pgTable(
  'log_chunks',
  {
    executionId: executionId(),
    firstSeq: integer('first_seq').notNull(),
    lastSeq: integer('last_seq').notNull(),
    stepId: text('step_id').notNull(),
    attempt: integer().notNull(),
    stdoutLines: integer('stdout_lines').notNull(),
    stderrLines: integer('stderr_lines').notNull(),
    /** About the length of `lines`: lets a reader stop before it has read more than it can hold. */
    size: integer().notNull(),
    /** Stream and time of each line: see log-chunk.ts. */
    runs: text().notNull(),
    /** The lines, joined by line feeds. */
    lines: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.firstSeq] }),
    index('log_chunks_attempt').on(table.executionId, table.stepId, table.attempt),
  ],
);

/** What steps that run have printed since their last line ended. Unlogged: it is of no use after a crash. */
export const unfinishedLines = pgTable(
  'unfinished_lines',
  {
    executionId: executionId(),
    stepId: text('step_id').notNull(),
    attempt: integer().notNull(),
    stream: text().$type<LogStream>().notNull(),
    text: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.stepId, table.stream] })],
);

/** Content of artifacts and packages. Nobody sees a blob before the row that names it. */
export const blobs = pgTable('blobs', {
  id: text().primaryKey(),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const blobChunks = pgTable(
  'blob_chunks',
  {
    blobId: text('blob_id')
      .notNull()
      .references(() => blobs.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    content: bytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.blobId, table.position] })],
);

export const artifacts = pgTable(
  'artifacts',
  {
    id: text().primaryKey(),
    executionId: executionId(),
    stepId: text('step_id').notNull(),
    attempt: integer().notNull(),
    path: text().notNull(),
    format: text().$type<Artifact['format']>().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    sha256: text().notNull(),
    blobId: text('blob_id')
      .notNull()
      .references(() => blobs.id),
    report: jsonb().$type<Report>(),
  },
  (table) => [
    uniqueIndex('artifacts_place').on(table.executionId, table.stepId, table.attempt, table.path),
    index('artifacts_blob').on(table.blobId),
  ],
);

export const packages = pgTable('packages', {
  digest: text().primaryKey(),
  /** When something was last launched from it. */
  usedAt: time('used_at').notNull().defaultNow(),
  blobId: text('blob_id')
    .notNull()
    .references(() => blobs.id),
});

/** One row. */
export const platformSettings = pgTable('platform_settings', {
  one: boolean().primaryKey().default(true),
  settings: jsonb().$type<PlatformSettings>().notNull(),
});

/** Made over the API; those of packages are in their files. */
export const managedProfiles = pgTable(
  'managed_profiles',
  {
    suiteId: text('suite_id').notNull(),
    name: text().notNull(),
    profile: jsonb().$type<ManagedProfile>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.suiteId, table.name] })],
);
