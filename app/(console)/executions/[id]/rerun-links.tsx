'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Link } from '@/app/_components/hover-link';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

/** The run that this one repeats, and those that repeat this one. */
export function RerunLinks({ execution }: { execution: Execution }) {
  const reruns = useQuery({
    queryKey: ['reruns', execution.id],
    queryFn: () =>
      apiFetch<{ items: ExecutionSummary[] }>(`/api/v1/executions?rerunOf=${execution.id}&limit=5`),
    enabled: isFinalExecution(execution.status),
  });
  const items = reruns.data?.items ?? [];
  return (
    <>
      {execution.rerunOf ? <RunLink title="Repeats" id={execution.rerunOf} /> : null}
      {items.map(({ id }) => (
        <RunLink key={id} title="Repeated by" id={id} />
      ))}
    </>
  );
}

function RunLink({ title, id }: { title: string; id: string }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt>{title}</dt>
      <dd>
        <Link href={`/executions/${id}`} className="font-mono text-accent text-code hover:underline">
          {id}
        </Link>
      </dd>
    </div>
  );
}
