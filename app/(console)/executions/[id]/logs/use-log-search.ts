'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask } from '@/app/_components/api';
import type { LogLine } from '@/lib/model/log-line';

const mostHits = 1_000;

export interface LogSearch {
  hits: number[];
  /** There are more than are listed. */
  isCut: boolean;
  isSearching: boolean;
  error: string | null;
}

/** Lines that hold the text, found by the server; waits until the typing pauses. */
export function useLogSearch(id: string, stepId: string | null, typed: string): LogSearch {
  const [text, setText] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const step = stepId ? `&step=${encodeURIComponent(stepId)}` : '';
  const found = useQuery({
    queryKey: ['log-search', id, stepId, text],
    queryFn: () =>
      ask<{ items: LogLine[]; nextAfter: number | null }>(
        `/api/v1/executions/${id}/logs?limit=${mostHits}&q=${encodeURIComponent(text)}${step}`,
      ),
    enabled: text !== '',
    staleTime: 2_000,
  });
  return {
    hits: text === '' ? [] : (found.data?.items.map((line) => line.seq) ?? []),
    isCut: (found.data?.nextAfter ?? null) !== null,
    isSearching: text !== '' && found.isFetching,
    error: found.error?.message ?? null,
  };
}
