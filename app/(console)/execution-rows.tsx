'use client';

import type { ReactNode } from 'react';
import { ErrorNotice, Skeleton } from '@/app/_components/notice';
import { useRowKeys } from '@/app/_components/use-row-keys';
import type { ExecutionSummary } from '@/lib/model/execution';
import { ExecutionRow } from './execution-row';

/** Executions that are asked for again and again; `empty` stands there when there are none. */
export function ExecutionRows({
  list,
  items,
  skeletonRows,
  empty,
}: {
  list: { error: Error | null; isPending: boolean; isSuccess: boolean };
  items: readonly ExecutionSummary[];
  skeletonRows: number;
  empty: ReactNode;
}) {
  const rows = useRowKeys<HTMLDivElement>();
  return (
    <>
      {list.error ? (
        <ErrorNotice title="The executions could not be read.">{list.error.message} Retrying…</ErrorNotice>
      ) : null}
      <div ref={rows} className="panel divide-y divide-line">
        {list.isPending ? <Skeleton rows={skeletonRows} /> : null}
        {list.isSuccess && items.length === 0 ? empty : null}
        {items.map((execution) => (
          <ExecutionRow key={execution.id} execution={execution} />
        ))}
      </div>
    </>
  );
}
