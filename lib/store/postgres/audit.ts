import type { AuditEntry, NewAuditEntry } from '../../model/audit';
import { AppError } from '../../model/errors';
import type { AuditFilter, AuditStore } from '../audit-store';
import { type Database, toJson } from './database';
import { reachable } from './reachable';

const forgottenAtOnce = 1_000;

type Row = Omit<AuditEntry, 'actor' | 'subject'> & {
  actorKind: AuditEntry['actor']['kind'];
  actorId: string | null;
  actorName: string;
  subjectKind: AuditEntry['subject']['kind'];
  subjectId: string;
};

export function createAuditStore({ sql }: Database): AuditStore {
  async function add(entries: readonly NewAuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await sql`
      insert into audit_entries
        (actor_kind, actor_id, actor_name, action, subject_kind, subject_id, outcome, detail, address)
      select entry->'actor'->>'kind', entry->'actor'->>'id', entry->'actor'->>'name', entry->>'action',
        entry->'subject'->>'kind', entry->'subject'->>'id', entry->>'outcome', entry->'detail', entry->>'address'
      from jsonb_array_elements(${toJson(entries)}::text::jsonb) with ordinality as given(entry, place)
      order by place`;
  }

  async function list(filter: AuditFilter, limit: number, cursor: string | null) {
    const { action, actor, subject, outcome } = filter;
    const before = cursor === null ? null : parseCursor(cursor);
    const rows = await sql<Row[]>`
      select seq::text as id, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName",
        action, subject_kind as "subjectKind", subject_id as "subjectId", outcome, detail, address
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
    add: (entries) => reachable(() => add(entries)),
    list: (...call) => reachable(() => list(...call)),
  };
}

/** One batch of what is older; false when there was nothing. */
export async function forgetAudit({ sql }: Database, days: number): Promise<boolean> {
  const rows = await sql`
    delete from audit_entries where seq in (
      select seq from audit_entries where at < now() - ${days}::float8 * interval '1 day'
      order by at limit ${forgottenAtOnce}
    ) returning seq`;
  return rows.length > 0;
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
