'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { lazyDialog, lazyPart } from '@/app/_components/lazy-part';
import { LoadMore } from '@/app/_components/load-more';
import { Empty } from '@/app/_components/notice';
import { SearchField } from '@/app/_components/search-field';
import type { ExecutionSummary } from '@/lib/model/execution';
import { executionStatuses, isFinalExecution } from '@/lib/model/status';
import type { SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { ExecutionRows } from '../execution-rows';
import { FilterChips } from './filter-chips';
import { SavedViews } from './saved-views';
import {
  type ChangeFilter,
  type Filter,
  filterKeys,
  requestOf,
  useExecutionFilter,
} from './use-execution-filter';

interface Page {
  items: ExecutionSummary[];
  nextCursor: string | null;
}

const FilterPanel = lazyPart<{ filter: Filter; change: ChangeFilter }>(
  () => import('./filter-panel').then((part) => part.FilterPanel),
  null,
);
const CancelMany = lazyDialog<{ items: readonly ExecutionSummary[]; onClose: () => void }>(() =>
  import('./cancel-many').then((part) => part.CancelMany),
);

const select = 'h-8 rounded-md border border-line-strong bg-surface px-2';

/** Every execution that passes the filter, newest first. */
export function ExecutionList() {
  const { filter, change } = useExecutionFilter();
  const [isOpen, setIsOpen] = useState(false);
  const [isCancelling, setIsCancelling] = useState(false);
  const wanted = useSettled(filter);
  const suites = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummaryAnswer[] }>('/api/v1/suites'),
  });
  const list = useInfiniteQuery({
    queryKey: ['executions', wanted],
    queryFn: ({ pageParam }) =>
      apiFetch<Page>(`/api/v1/executions?${query({ ...requestOf(wanted), cursor: pageParam, limit: '50' })}`),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 5_000,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const mayCancel = new Set(
    suites.data?.items.filter((each) => each.rights.includes('launch')).map(({ id }) => id),
  );
  const active = items.filter(
    ({ status, suite, cancelRequestedAt }) =>
      !isFinalExecution(status) && cancelRequestedAt === null && mayCancel.has(suite.id),
  );
  const isFiltered = filterKeys.some((key) => filter[key] !== '');

  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="page-title mr-auto">Executions</h1>
        {active.length > 0 ? (
          <Button variant="danger" onClick={() => setIsCancelling(true)}>
            Cancel {active.length}…
          </Button>
        ) : null}
        <SearchField
          label="Search executions"
          placeholder="Suite, person, label, cause…  /"
          value={filter.q}
          onChange={(q) => change({ q })}
        />
        <label className="flex items-center gap-2">
          <span className="label">Suite</span>
          <select
            className={`${select} max-w-48`}
            value={filter.suite}
            onChange={(event) => change({ suite: event.target.value })}
          >
            <option value="">all</option>
            {/* A suite that was removed may still have executions. */}
            {filter.suite && !suites.data?.items.some(({ id }) => id === filter.suite) ? (
              <option value={filter.suite}>{filter.suite}</option>
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
            value={filter.status}
            onChange={(event) => change({ status: event.target.value })}
          >
            <option value="">any</option>
            {filter.status.includes(',') ? (
              <option value={filter.status}>{filter.status.replaceAll('_', ' ')}</option>
            ) : null}
            {executionStatuses.map((each) => (
              <option key={each} value={each}>
                {each.replace('_', ' ')}
              </option>
            ))}
          </select>
        </label>
        <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          More filters
        </Button>
      </header>
      <SavedViews />
      <FilterChips filter={filter} change={change} />
      {isOpen ? <FilterPanel filter={filter} change={change} /> : null}
      <ExecutionRows
        list={list}
        items={items}
        skeletonRows={8}
        empty={
          <Empty title={isFiltered ? 'No execution is like that' : 'Nothing has run yet'}>
            {list.hasNextPage ? (
              <p>None of the last 20,000 is. “Show older ones” looks further back.</p>
            ) : (
              <p>
                <code>npm run gantry -- run {filter.suite || 'hello'}</code> runs one.
              </p>
            )}
          </Empty>
        }
      />
      <LoadMore list={list} />
      {isCancelling ? <CancelMany items={active} onClose={() => setIsCancelling(false)} /> : null}
    </div>
  );
}

/** The filter once the typing pauses. */
function useSettled(filter: Filter): Filter {
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(filter), filter.q === settled.q ? 0 : 250);
    return () => clearTimeout(timer);
  }, [filter, settled.q]);
  return settled;
}

function query(parts: Record<string, string>): string {
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== '')).toString();
}
