'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import type { CaseItem } from '@/lib/model/cases/case-views';
import { replaceQuery } from '../address';
import { apiFetch } from '../api';
import { Button } from '../button';
import { LoadMore } from '../load-more';
import { Empty, ErrorNotice, Skeleton } from '../notice';
import { SearchField } from '../search-field';
import { CaseRow } from './case-row';
import { caseViewOf, caseViews } from './case-views';

interface CaseListProps {
  /** The cases of this suite alone; null: of all. */
  suiteId: string | null;
}

/**
 * Test cases: those that fail, the newest failure first, the flakiest, those that became slower, the slowest, the muted
 * ones, or all. View and search are in the URL.
 */
export function CaseList({ suiteId }: CaseListProps) {
  const search = useSearchParams();
  const view = caseViewOf(search.get('view'));
  const q = search.get('q')?.trim() ?? '';
  const query = new URLSearchParams({
    ...view.query,
    ...(suiteId === null ? {} : { suite: suiteId }),
    ...(q ? { q } : {}),
    limit: '50',
  });
  const list = useInfiniteQuery({
    queryKey: ['cases', query.toString()],
    queryFn: ({ pageParam }) =>
      apiFetch<{ items: CaseItem[]; nextCursor: string | null }>(
        `/api/v1/cases?${query}${pageParam ? `&cursor=${pageParam}` : ''}`,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 15_000,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">Which test cases</legend>
          {caseViews.map(({ id, label }) => (
            <Button
              key={id}
              variant={id === view.id ? 'primary' : 'plain'}
              aria-pressed={id === view.id}
              onClick={() => replaceQuery({ view: id === caseViews[0].id ? null : id })}
            >
              {label}
            </Button>
          ))}
        </fieldset>
        <SearchField
          label="Search test cases"
          placeholder="Name, class, suite or file"
          value={search.get('q') ?? ''}
          onChange={(text) => replaceQuery({ q: text })}
        />
      </div>
      {list.error ? (
        <ErrorNotice title="The test cases could not be read.">
          {list.error.message} It is tried again every 15 seconds.
        </ErrorNotice>
      ) : null}
      {list.isPending ? <Skeleton rows={8} /> : null}
      {list.data && items.length === 0 ? <NoCases title={view.empty} q={q} /> : null}
      {items.length > 0 ? (
        <ul className="panel divide-y divide-line" aria-label={`${view.label} test cases`}>
          {items.map((item) => (
            <CaseRow key={item.id} item={item} view={view.id} showsSuite={suiteId === null} />
          ))}
        </ul>
      ) : null}
      <LoadMore list={list} label="Show more" />
    </>
  );
}

function NoCases({ title, q }: { title: string; q: string }) {
  if (q)
    return (
      <Empty title={`${title} whose name, class, suite or file has “${q}” in it`}>
        <p>Take the search out, or look at another list.</p>
      </Empty>
    );
  return (
    <Empty title={title}>
      <p>
        A step reports its cases with <code>export: [{'{ path: reports/junit.xml, format: auto }'}]</code>
      </p>
    </Empty>
  );
}
