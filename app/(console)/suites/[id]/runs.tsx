'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Link } from '@/app/_components/hover-link';
import { Empty } from '@/app/_components/notice';
import type { ExecutionSummary } from '@/lib/model/execution';
import type { SuiteDetails } from '@/lib/model/suite-details';
import { ExecutionRows } from '../../execution-rows';
import { Badge } from './badge';

/** The newest executions of the suite, and its badge. */
export function Runs({ suite }: { suite: SuiteDetails }) {
  const id = encodeURIComponent(suite.id);
  const list = useQuery({
    queryKey: ['executions', suite.id, 'newest'],
    queryFn: () => apiFetch<{ items: ExecutionSummary[] }>(`/api/v1/executions?suite=${id}&limit=20`),
    refetchInterval: 5_000,
  });
  const items = list.data?.items ?? [];
  return (
    <div className="flex flex-col gap-3 p-4">
      <ExecutionRows
        list={list}
        items={items}
        skeletonRows={6}
        empty={
          <Empty title="It has never run">
            <p>
              <code>npm run gantry -- run {suite.id}</code> runs it, and so does Launch above.
            </p>
          </Empty>
        }
      />
      {items.length > 0 ? (
        <Link href={`/executions?suite=${id}`} className="self-center text-accent hover:underline">
          All executions of {suite.title}
        </Link>
      ) : null}
      {list.data ? <Badge suite={suite} /> : null}
    </div>
  );
}
