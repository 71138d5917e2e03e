import { createHash } from 'node:crypto';
import type { Sql, TransactionSql } from 'postgres';
import type { AuditEntry, NewAuditEntry } from '../../model/audit';
import { type AuditChain, auditChainText } from '../../model/audit-chain';
import { AppError } from '../../model/errors';
import type { AuditFilter, AuditStore } from '../audit-store';
import { type Database, toJson } from './database';
import { translateErrors } from './translate-errors';
import { batchWrites } from './write-batcher';

const forgottenAtOnce = 1_000;

type Row = Omit<AuditEntry, 'actor' | 'subject'> & {
  actorKind: AuditEntry['actor']['kind'];
  actorId: string | null;
  actorName: string;
  subjectKind: AuditEntry['subject']['kind'];
  subjectId: string;
};

export function createAuditStore({ sql }: Database): AuditStore {
  // All who add at a time go in one transaction: each holds the end of the chain.
  const add = batchWrites<NewAuditEntry>((entries) =>
    sql.begin((held) => append(held, entries)).then(() => {}),
  );

  async function list(filter: AuditFilter, limit: number, cursor: string | null) {
    const { action, actor, subject, outcome } = filter;
    const before = cursor === null ? null : parseCursor(cursor);
    const rows = await sql<Row[]>`
      select ${columns(sql)}
      from audit_entries
      where true
        ${before === null ? sql`` : sql`and seq < ${before}::bigint`}
        ${action ? sql`and action = ${action}` : sql``}
        ${actor ? sql`and (actor_name = ${actor} or actor_id = ${actor})` : sql``}
        ${subject ? sql`and subject_id = ${subject}` : sql``}
        ${outcome ? sql`and outcome = ${outcome}` : sql``}
      order by seq desc
      limit ${limit + 1}`;
    const items = rows.slice(0, limit).map(entryOf);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  return {
    add: (entries) => translateErrors(async () => (entries.length > 0 ? add(entries) : undefined)),
    list: (...call) => translateErrors(() => list(...call)),
    chain: () =>
      translateErrors(async () => {
        const [row] = await sql<AuditChain[]>`
          select jsonb_build_object('id', start_seq::text, 'hash', start_hash) as start,
            jsonb_build_object('id', head_seq::text, 'hash', head_hash) as head
          from audit_chains`;
        if (!row) throw new AppError('internal', 'The table audit_chains has lost its row.');
        return row;
      }),
    after: (id, limit) =>
      translateErrors(async () => {
        const rows = await sql<(Row & { hash: string | null })[]>`
          select ${columns(sql)}, hash from audit_entries where seq > ${id}::bigint order by seq limit ${limit}`;
        return rows.map(({ hash, ...row }) => ({ ...entryOf(row), hash }));
      }),
  };
}

/**
 * One batch of what is older; false when there was nothing. It is always the beginning of the chain that goes: an entry
 * stays while one before it does.
 */
export async function deleteExpiredAudit({ sql }: Database, days: number): Promise<boolean> {
  const rows = await sql`
    with oldest as (
      select seq, hash, bool_and(at < now() - ${days}::float8 * interval '1 day') over (order by seq) as is_old
      from (select seq, hash, at from audit_entries order by seq limit ${forgottenAtOnce}) entries
    ), removed as (
      delete from audit_entries using oldest where audit_entries.seq = oldest.seq and is_old
      returning audit_entries.seq, audit_entries.hash
    ), last as (
      select seq, hash from removed where hash is not null order by seq desc limit 1
    ), moved as (
      update audit_chains set start_seq = last.seq, start_hash = last.hash from last
    )
    select seq from removed`;
  return rows.length > 0;
}

/** The row of the chain is locked until the entries are there, so that their ids are in the order of their hashes. */
async function append(sql: TransactionSql, entries: readonly NewAuditEntry[]): Promise<void> {
  const given: NewAuditEntry[] = JSON.parse(toJson(entries));
  const [head] = await sql<{ hash: string }[]>`select head_hash as hash from audit_chains for update`;
  if (!head) throw new AppError('internal', 'The table audit_chains has lost its row.');
  const places = await sql<{ id: string; at: string }[]>`
    select nextval(pg_get_serial_sequence('audit_entries', 'seq'))::text as id, clock_timestamp() as at
    from generate_series(1, ${given.length}::integer)`;
  let { hash } = head;
  const chained = given.flatMap((entry, index) => {
    const place = places[index];
    if (!place) return [];
    hash = createHash('sha256')
      .update(auditChainText(hash, { ...place, ...entry }))
      .digest('hex');
    return [{ ...place, ...entry, hash }];
  });
  await sql`
    with added as (
      insert into audit_entries (seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, outcome,
        detail, address, hash)
      overriding system value
      select (entry->>'id')::bigint, (entry->>'at')::timestamptz, entry->'actor'->>'kind', entry->'actor'->>'id',
        entry->'actor'->>'name', entry->>'action', entry->'subject'->>'kind', entry->'subject'->>'id',
        entry->>'outcome', entry->'detail', entry->>'address', entry->>'hash'
      from jsonb_array_elements(${JSON.stringify(chained)}::text::jsonb) as given(entry)
    )
    update audit_chains set head_seq = ${places.at(-1)?.id ?? 0}::bigint, head_hash = ${hash}`;
}

function columns(sql: Sql) {
  return sql`seq::text as id, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName",
    action, subject_kind as "subjectKind", subject_id as "subjectId", outcome, detail, address`;
}

function entryOf({ actorKind, actorId, actorName, subjectKind, subjectId, ...entry }: Row): AuditEntry {
  return {
    ...entry,
    actor: { kind: actorKind, id: actorId, name: actorName },
    subject: { kind: subjectKind, id: subjectId },
  };
}

function parseCursor(cursor: string): string {
  if (/^[1-9]\d{0,17}$/.test(cursor)) return cursor;
  throw new AppError('bad_request', 'this cursor is not one that a list has answered: begin without one');
}
