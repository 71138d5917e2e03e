'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import type { Grantee } from '@/lib/model/suite-grant';
import type { TokenSummary } from '@/lib/model/token';
import type { UserSummary } from '@/lib/model/user';

/** The people, tokens and groups that rights can be given to. */
export interface Grantees {
  people: UserSummary[];
  /** API tokens. Tokens of agents are left out: they have no rights to suites. */
  tokens: TokenSummary[];
  /** The groups that have at least one person. */
  groups: string[];
}

export function useGrantees() {
  const people = useQuery({
    queryKey: ['users'],
    queryFn: () => apiFetch<{ items: UserSummary[] }>('/api/v1/users'),
  });
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: () => apiFetch<{ items: TokenSummary[] }>('/api/v1/tokens'),
  });
  const grantees: Grantees = {
    people: people.data?.items ?? [],
    tokens: (tokens.data?.items ?? []).filter(({ kind }) => kind === 'api'),
    groups: [...new Set((people.data?.items ?? []).flatMap(({ groups }) => groups))].sort(),
  };
  return { grantees, error: people.error ?? tokens.error };
}

/** The name of a grantee, or its id if the person or token no longer exists. */
export function nameOf(grantee: Grantee, { people, tokens }: Grantees): string {
  if (grantee.kind === 'everyone') return 'everyone';
  if (grantee.kind === 'group') return grantee.id;
  const known = grantee.kind === 'person' ? people : tokens;
  return known.find(({ id }) => id === grantee.id)?.name ?? grantee.id;
}
