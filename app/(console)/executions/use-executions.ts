'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import type { ExecutionSummary } from '@/lib/model/execution';
import { type Filter, isLookedThrough, requestOf } from './use-execution-filter';

interface Page {
  items: ExecutionSummary[];
  nextCursor: string | null;
}

const readAgainMs = 5_000;
/** Where each page looks through much, only the first one is read again, and only as long as there is no other. */
const lookAgainMs = 30_000;
const typingPauseMs = 250;

/** The executions that pass the filter; while others are looked for, those that were found before stand. */
export function useExecutions(filter: Filter) {
  const wanted = useSettled(filter);
  const isSlow = isLookedThrough(wanted);
  const list = useInfiniteQuery({
    queryKey: ['executions', wanted],
    queryFn: ({ pageParam }) =>
      apiFetch<Page>(`/api/v1/executions?${query({ ...requestOf(wanted), cursor: pageParam, limit: '50' })}`),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if (!isSlow) return readAgainMs;
      return (state.data?.pages.length ?? 0) > 1 ? false : lookAgainMs;
    },
    refetchOnWindowFocus: ({ state }) => !isSlow || (state.data?.pages.length ?? 0) <= 1,
  });
  return { list, isSettled: wanted === filter && !list.isPlaceholderData };
}

/** The filter once the typing pauses. */
function useSettled(filter: Filter): Filter {
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(filter), filter.q === settled.q ? 0 : typingPauseMs);
    return () => clearTimeout(timer);
  }, [filter, settled.q]);
  return settled;
}

function query(parts: Record<string, string>): string {
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== '')).toString();
}
