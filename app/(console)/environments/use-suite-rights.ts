import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { apiFetch } from '@/app/_components/api';
import type { CallersRights, SuiteSummaryAnswer } from '@/lib/model/suite-details';

/** What the person who is signed in may do with each suite, by its id. Empty until the suites are known. */
export function useSuiteRights(): ReadonlyMap<string, CallersRights> {
  const { data } = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummaryAnswer[] }>('/api/v1/suites'),
    staleTime: 10_000,
  });
  return useMemo(() => new Map(data?.items.map((suite) => [suite.id, suite])), [data]);
}
