'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import type { Grantee } from '@/lib/model/suite-grant';
import type { TokenSummary } from '@/lib/model/token';
import type { UserSummary } from '@/lib/model/user';

/** Who rights can be given to, by name. */
export interface Grantees {
  people: UserSummary[];
  /** API tokens; those of agents launch nothing. */
  tokens: TokenSummary[];
  /** That some person is in. */
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

/** As people know it: by name where there still is such a person or token, else by id. */
export function nameOf(grantee: Grantee, { people, tokens }: Grantees): string {
  if (grantee.kind === 'everyone') return 'everyone';
  if (grantee.kind === 'group') return grantee.id;
  const known = grantee.kind === 'person' ? people : tokens;
  return known.find(({ id }) => id === grantee.id)?.name ?? grantee.id;
}
