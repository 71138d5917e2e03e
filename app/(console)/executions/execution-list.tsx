'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { apiFetch } from '@/app/_components/api';
import { LoadMore } from '@/app/_components/load-more';
import { Empty } from '@/app/_components/notice';
import type { ExecutionSummary } from '@/lib/model/execution';
import { executionStatuses } from '@/lib/model/status';
import type { SuiteSummary } from '@/lib/model/suite-details';
import { ExecutionRows } from '../execution-rows';

interface Page {
  items: ExecutionSummary[];
  nextCursor: string | null;
}

const select = 'h-8 rounded-md border border-line-strong bg-surface px-2';

/** Every execution, newest first, by suite and state. */
export function ExecutionList({ suite, status }: { suite: string; status: string }) {
  const router = useRouter();
  const suites = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummary[] }>('/api/v1/suites'),
  });
  const list = useInfiniteQuery({
    queryKey: ['executions', suite, status],
    queryFn: ({ pageParam }) =>
      apiFetch<Page>(`/api/v1/executions?${query({ suite, status, cursor: pageParam, limit: '50' })}`),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 5_000,
  });
  const choose = (change: { suite?: string; status?: string }) =>
    router.replace(`/executions?${query({ suite, status, ...change })}`);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="page-title mr-auto">Executions</h1>
        <label className="flex items-center gap-2">
          <span className="label">Suite</span>
          <select
            className={select}
            value={suite}
            onChange={(event) => choose({ suite: event.target.value })}
          >
            <option value="">all</option>
            {/* A suite that was removed may still have executions. */}
            {suite && !suites.data?.items.some(({ id }) => id === suite) ? (
              <option value={suite}>{suite}</option>
            ) : null}
            {suites.data?.items.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          <span className="label">State</span>
          <select
            className={select}
            value={status}
            onChange={(event) => choose({ status: event.target.value })}
          >
            <option value="">any</option>
            {executionStatuses.map((each) => (
              <option key={each} value={each}>
                {each.replace('_', ' ')}
              </option>
            ))}
          </select>
        </label>
      </header>
      <ExecutionRows
        list={list}
        items={items}
        skeletonRows={8}
        empty={
          <Empty title={suite || status ? 'No execution is like that' : 'Nothing has run yet'}>
            <p>
              <code>npm run gantry -- run {suite || 'hello'}</code> runs one.
            </p>
          </Empty>
        }
      />
      <LoadMore list={list} />
    </div>
  );
}

function query(parts: Record<string, string>): string {
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== '')).toString();
}
