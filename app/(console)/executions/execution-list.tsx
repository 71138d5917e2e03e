'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { lazyDialog, lazyPart } from '@/app/_components/lazy-part';
import { LoadMore } from '@/app/_components/load-more';
import { Empty } from '@/app/_components/notice';
import type { ExecutionSummary } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import type { SuiteSummaryAnswer } from '@/lib/model/suite-details';
import { ExecutionRows } from '../execution-rows';
import { FilterChips } from './filter-chips';
import { foundText, notFoundYetText } from './found-text';
import { ListControls } from './list-controls';
import { SavedViews } from './saved-views';
import {
  type ChangeFilter,
  type Filter,
  filterKeys,
  isLookedThrough,
  useExecutionFilter,
} from './use-execution-filter';
import { useExecutions } from './use-executions';

const FilterPanel = lazyPart<{ filter: Filter; change: ChangeFilter }>(
  () => import('./filter-panel').then((part) => part.FilterPanel),
  null,
);
const CancelMany = lazyDialog<{ items: readonly ExecutionSummary[]; onClose: () => void }>(() =>
  import('./cancel-many').then((part) => part.CancelMany),
);

const searchField = 'search-executions';
const noSuites: SuiteSummaryAnswer[] = [];

/** Every execution that passes the filter, newest first. */
export function ExecutionList() {
  const { filter, change } = useExecutionFilter();
  const [isOpen, setIsOpen] = useState(false);
  const [isCancelling, setIsCancelling] = useState(false);
  const suites = useQuery({
    queryKey: ['suites'],
    queryFn: () => apiFetch<{ items: SuiteSummaryAnswer[] }>('/api/v1/suites'),
  });
  const { list, isSettled } = useExecutions(filter);
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
          // What stands there still may be what another filter has found.
          <Button variant="danger" disabled={!isSettled} onClick={() => setIsCancelling(true)}>
            Cancel {active.length}…
          </Button>
        ) : null}
        <ListControls
          filter={filter}
          change={change}
          suites={suites.data?.items ?? noSuites}
          searchField={searchField}
        />
        <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          More filters
        </Button>
      </header>
      <SavedViews searchField={searchField} />
      <FilterChips filter={filter} change={change} searchField={searchField} />
      {isOpen ? <FilterPanel filter={filter} change={change} /> : null}
      {/* There before it says anything, so that it is read out. */}
      <p role="status" className="text-ink-2 empty:sr-only">
        {isFiltered ? foundNow(list, isSettled, items.length, filter) : ''}
      </p>
      <ExecutionRows
        list={{
          error: list.error,
          isPending: list.isPending || (list.isPlaceholderData && items.length === 0),
          isSuccess: list.isSuccess && !list.isPlaceholderData,
        }}
        items={items}
        skeletonRows={8}
        empty={
          <Empty title={isFiltered ? 'No execution is like that' : 'Nothing has run yet'}>
            {list.hasNextPage ? (
              <p>{notFoundYetText(list.data?.pages.length ?? 1)}</p>
            ) : (
              <p>
                <code>npm run gantry -- run {filter.suite || 'hello'}</code> runs one.
              </p>
            )}
          </Empty>
        }
      />
      {list.isPlaceholderData ? null : <LoadMore list={list} />}
      {isCancelling ? <CancelMany items={active} onClose={() => setIsCancelling(false)} /> : null}
    </div>
  );
}

function foundNow(
  { isSuccess, hasNextPage }: { isSuccess: boolean; hasNextPage: boolean },
  isSettled: boolean,
  found: number,
  filter: Filter,
): string {
  if (!isSuccess) return '';
  return isSettled ? foundText(found, hasNextPage, isLookedThrough(filter)) : 'Searching…';
}
