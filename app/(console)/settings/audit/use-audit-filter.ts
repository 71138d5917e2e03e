'use client';

import { useSearchParams } from 'next/navigation';

export interface AuditFilter {
  action: string;
  actor: string;
  subject: string;
  outcome: string;
}

/** The filter of the audit log, kept in the URL. */
export function useAuditFilter(): { filter: AuditFilter; change: (change: Partial<AuditFilter>) => void } {
  const search = useSearchParams();
  const filter: AuditFilter = {
    action: search.get('action') ?? '',
    actor: search.get('actor') ?? '',
    subject: search.get('subject') ?? '',
    outcome: search.get('outcome') ?? '',
  };
  const change = (next: Partial<AuditFilter>) =>
    history.replaceState(null, '', `?tab=audit&${queryOf({ ...filter, ...next })}`.replace(/&$/, ''));
  return { filter, change };
}

export function queryOf(parts: Record<string, string> | AuditFilter): string {
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== '')).toString();
}
