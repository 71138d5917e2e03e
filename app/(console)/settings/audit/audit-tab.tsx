'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { LoadMore } from '@/app/_components/load-more';
import { Empty, ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { AuditEntry } from '@/lib/model/audit';
import { AuditFilters } from './audit-filters';
import { AuditTable } from './audit-table';
import { queryOf, useAuditFilter } from './use-audit-filter';

/** The audit log, newest first. */
export function AuditTab() {
  const { filter, change } = useAuditFilter();
  const isFiltered = Object.values(filter).some((value) => value !== '');
  const list = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) =>
      apiFetch<{ items: AuditEntry[]; nextCursor: string | null }>(
        `/api/v1/audit?${queryOf({ ...filter, cursor: pageParam, limit: '50' })}`,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    // Rows do not move once a person has loaded more pages.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : 10_000),
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <>
      <AuditFilters filter={filter} change={change} />
      {list.isError ? (
        <ErrorNotice title="The audit log could not be read.">{list.error.message} Retrying…</ErrorNotice>
      ) : null}
      <div className="panel overflow-x-auto">
        {list.isPending ? <Skeleton rows={8} /> : null}
        {list.isSuccess && items.length === 0 ? (
          <Empty title={isFiltered ? 'No entry is like that' : 'Nothing was done yet'}>
            {isFiltered ? (
              <Button onClick={() => change({ action: '', actor: '', subject: '', outcome: '' })}>
                Show every entry
              </Button>
            ) : (
              <p>Every launch, reap, sign-in and change of settings will stand here.</p>
            )}
          </Empty>
        ) : null}
        {items.length > 0 ? <AuditTable entries={items} change={change} /> : null}
      </div>
      <LoadMore list={list} />
      <p className="mt-2 text-ink-2">
        <a href="/api/v1/audit/export" download className="text-accent hover:underline">
          Export every entry
        </a>{' '}
        as JSON lines. <code>gantry audit verify</code> checks that none was changed or removed.
      </p>
    </>
  );
}
