'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import type { LogLine } from '@/lib/model/log-line';

/** The first ones are to be seen at once; the rest is asked for behind them. */
const hitsPerPage = 200;
const maxHits = 2_000;

interface Page {
  items: LogLine[];
  nextAfter: number | null;
}

export interface LogSearch {
  hits: number[];
  /** There are more than are listed. */
  isCut: boolean;
  isSearching: boolean;
  error: string | null;
}

/** What is looked for: a text, or a pattern that lines match. */
export interface SearchWords {
  text: string;
  isPattern: boolean;
}

/** Lines that hold the text or match the pattern, found by the server; waits until the typing pauses. */
export function useLogSearch(id: string, stepId: string | null, typed: SearchWords): LogSearch {
  const [{ text, isPattern }, setWords] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setWords(typed), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const step = stepId ? `&step=${encodeURIComponent(stepId)}` : '';
  const found = useInfiniteQuery({
    queryKey: ['log-search', id, stepId, isPattern, text],
    queryFn: ({ pageParam, signal }) =>
      apiFetch<Page>(
        `/api/v1/executions/${id}/logs?after=${pageParam}&limit=${hitsPerPage}&${isPattern ? 'pattern' : 'q'}=${encodeURIComponent(text)}${step}`,
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: ({ nextAfter }: Page) => nextAfter,
    enabled: text !== '',
    staleTime: 2_000,
  });
  const hits = useMemo(
    () => (text === '' ? [] : (found.data?.pages.flatMap(({ items }) => items.map(({ seq }) => seq)) ?? [])),
    [found.data, text],
  );
  const { fetchNextPage } = found;
  const goesOn = found.hasNextPage && !found.isFetching && !found.isError && hits.length < maxHits;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  return {
    hits,
    isCut: found.hasNextPage,
    isSearching:
      typed.text !== '' && (found.isFetching || typed.text !== text || typed.isPattern !== isPattern),
    error: found.error?.message ?? null,
  };
}
