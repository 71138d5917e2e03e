import type { AuditAction, AuditEntry, AuditOutcome, NewAuditEntry } from '../model/audit';

export interface AuditFilter {
  action?: AuditAction;
  /** The name of who did it, or the id of the token or session that was shown. */
  actor?: string;
  /** The id of what it was done to. */
  subject?: string;
  outcome?: AuditOutcome;
}

/** Who did what. Entries are only added; nothing changes one, and retention alone removes them. */
export interface AuditStore {
  /** All of them or none, in this order, at the database's time. */
  add(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first. A cursor that is not one of ours rejects with `bad_request`. */
  list(
    filter: AuditFilter,
    limit: number,
    cursor: string | null,
  ): Promise<{ items: AuditEntry[]; nextCursor: string | null }>;
}
