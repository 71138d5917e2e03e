import type { AuditAction, AuditEntry, AuditOutcome, NewAuditEntry } from '../model/audit';
import type { AuditChain, ExportedAuditEntry } from '../model/audit-chain';

export interface AuditFilter {
  action?: AuditAction;
  /** The name of who did it, or the id of the token or session that was shown. */
  actor?: string;
  /** The id of what it was done to. */
  subject?: string;
  outcome?: AuditOutcome;
}

/**
 * The audit log. Entries are added and never changed; only retention removes them, the oldest first. Each has a hash of
 * itself and of the hash before it, in the order of their ids, so that a change or a gap shows.
 */
export interface AuditStore {
  /** All of them or none, in this order, at the database's time. */
  add(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first. A cursor that is not one of ours rejects with `bad_request`. */
  list(
    filter: AuditFilter,
    limit: number,
    cursor: string | null,
  ): Promise<{ items: AuditEntry[]; nextCursor: string | null }>;
  chain(): Promise<AuditChain>;
  /** Entries after this id, the oldest first, with their hashes. */
  after(id: string, limit: number): Promise<ExportedAuditEntry[]>;
}
