import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
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
import type { ControlOrder, EnvironmentOrder, JobResult } from '../lib/model/job';
import type { UnfinishedLine } from '../lib/model/log-line';
import type { StepSpec } from '../lib/model/step-spec';
import { blobs } from './schema';
import { tokens } from './tokens';

/** By the database's clock, as exact as it has it: leases run by it. */
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

export const agents = pgTable('agents', {
  id: text().primaryKey(),
  tokenId: text('token_id')
    .notNull()
    .references(() => tokens.id),
  /** Null: a plain client, which has never registered and knows nothing of environments. */
  instance: text(),
  tags: text().array().notNull(),
  capacity: integer().notNull(),
  version: text().notNull(),
  /** Why it claims nothing, in its own words. */
  problem: text(),
  registeredAt: moment('registered_at').notNull().defaultNow(),
  lastSeenAt: moment('last_seen_at').notNull().defaultNow(),
  drainedAt: moment('drained_at'),
  drainReason: text('drain_reason'),
  drainedBy: text('drained_by'),
});

/** What an execution owns, or will own, on an agent: the first claimed step binds it. */
export const agentEnvironments = pgTable('agent_environments', {
  executionId: text('execution_id').primaryKey(),
  environment: jsonb().$type<EnvironmentOrder>().notNull(),
  /** What an agent must have to take it. */
  tags: text().array().notNull(),
  agentId: text('agent_id'),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** Its services are gone with their agent: nothing of it is run again. */
  lostAt: moment('lost_at'),
  closingAt: moment('closing_at'),
});

export const agentJobs = pgTable(
  'agent_jobs',
  {
    id: text().primaryKey(),
    kind: text().$type<'step' | ControlOrder['kind']>().notNull(),
    executionId: text('execution_id'),
    stepId: text('step_id'),
    attempt: integer(),
    /** Without the values of secrets: those are added when it is claimed. What is no step has its order here. */
    spec: jsonb().$type<StepSpec | ControlOrder>(),
    staysUp: boolean('stays_up').notNull().default(false),
    state: text().$type<'queued' | 'leased' | 'done'>().notNull().default('queued'),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** Who holds it, or for whom it is when it is not a step. */
    agentId: text('agent_id'),
    leaseToken: text('lease_token'),
    leaseUntil: moment('lease_until'),
    claimId: text('claim_id'),
    deliveries: integer().notNull().default(0),
    /** Everyone who ever held it. */
    holders: text().array().notNull().default(sql`'{}'`),
    /** Whoever waits for it says so until then; null: it is done whether or not somebody waits. */
    attendedUntil: moment('attended_until'),
    desired: text().$type<'run' | 'stop' | 'cancel'>().notNull().default('run'),
    graceMs: integer('grace_ms').notNull().default(0),
    phase: jsonb().$type<{ name: string; detail: string | null }>(),
    unfinished: jsonb().$type<UnfinishedLine[]>(),
    runningAt: moment('running_at'),
    readyAt: moment('ready_at'),
    /** The newest line that is stored, and the lines of each stream until then. */
    logSeq: integer('log_seq').notNull().default(0),
    stdoutLines: integer('stdout_lines').notNull().default(0),
    stderrLines: integer('stderr_lines').notNull().default(0),
    /** Where the output of the program that runs now begins: it may not be the first. */
    stdoutBase: integer('stdout_base').notNull().default(0),
    stderrBase: integer('stderr_base').notNull().default(0),
    result: jsonb().$type<JobResult>(),
    resultHash: text('result_hash'),
    finishedAt: moment('finished_at'),
  },
  (table) => [
    uniqueIndex('agent_jobs_attempt')
      .on(table.executionId, table.stepId, table.attempt)
      .where(sql`kind = 'step'`),
    index('agent_jobs_queue').on(table.createdAt, table.id).where(sql`state = 'queued' and kind = 'step'`),
    index('agent_jobs_control').on(table.agentId).where(sql`state = 'queued' and kind <> 'step'`),
    index('agent_jobs_leased').on(table.agentId).where(sql`state = 'leased'`),
    index('agent_jobs_claim').on(table.claimId).where(sql`state = 'leased'`),
    index('agent_jobs_attended').on(table.attendedUntil).where(sql`attended_until is not null`),
    index('agent_jobs_finished').on(table.finishedAt).where(sql`state = 'done'`),
  ],
);

const jobId = () =>
  text('job_id')
    .notNull()
    .references(() => agentJobs.id, { onDelete: 'cascade' });

/** Consecutive lines of one job, on their way to the engine. */
export const agentJobLines = pgTable(
  'agent_job_lines',
  {
    jobId: jobId(),
    firstSeq: integer('first_seq').notNull(),
    lastSeq: integer('last_seq').notNull(),
    /** Lines of each stream before these. */
    stdoutBefore: integer('stdout_before').notNull(),
    stderrBefore: integer('stderr_before').notNull(),
    /** JSON of OutputLine[]; as text, because jsonb refuses what a program may print. */
    lines: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.firstSeq] })],
);

/** Files of one job, on their way to the engine. */
export const agentJobArtifacts = pgTable(
  'agent_job_artifacts',
  {
    jobId: jobId(),
    path: text().notNull(),
    format: text().$type<Artifact['format']>().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    sha256: text().notNull(),
    blobId: text('blob_id')
      .notNull()
      .references(() => blobs.id),
    storedAt: moment('stored_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.path] }),
    index('agent_job_artifacts_blob').on(table.blobId),
  ],
);
