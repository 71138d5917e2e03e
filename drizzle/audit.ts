import { bigint, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { AuditEntry } from '../lib/model/audit';

/** Only added to. Not bound to what it tells of, which may be gone. */
export const auditEntries = pgTable(
  'audit_entries',
  {
    seq: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true, precision: 3, mode: 'string' }).notNull().defaultNow(),
    actorKind: text('actor_kind').$type<AuditEntry['actor']['kind']>().notNull(),
    actorId: text('actor_id'),
    actorName: text('actor_name').notNull(),
    action: text().$type<AuditEntry['action']>().notNull(),
    subjectKind: text('subject_kind').$type<AuditEntry['subject']['kind']>().notNull(),
    subjectId: text('subject_id').notNull(),
    outcome: text().$type<AuditEntry['outcome']>().notNull(),
    detail: jsonb().$type<AuditEntry['detail']>().notNull(),
    address: text(),
    /** Of this entry and the hash before it; null: older than the chain. */
    hash: text(),
  },
  (table) => [
    index('audit_entries_at').on(table.at),
    index('audit_entries_action').on(table.action, table.seq),
    index('audit_entries_actor').on(table.actorName, table.seq),
    index('audit_entries_subject').on(table.subjectId, table.seq),
  ],
);

/** One row: where the chain of hashes begins and ends. Whoever adds entries holds it. */
export const auditChains = pgTable('audit_chains', {
  id: integer().primaryKey(),
  /** The last entry that retention removed, or that is older than the chain. */
  startSeq: bigint('start_seq', { mode: 'number' }).notNull(),
  startHash: text('start_hash').notNull(),
  headSeq: bigint('head_seq', { mode: 'number' }).notNull(),
  headHash: text('head_hash').notNull(),
});
