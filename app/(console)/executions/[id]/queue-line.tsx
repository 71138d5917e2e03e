'use client';

import { useQuery } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { Sentence } from '@/app/_components/sentence';
import type { Execution } from '@/lib/model/execution';

/** What a queued execution waits for. No event says it, for it changes with other executions. */
export function QueueLine({ execution }: { execution: Execution }) {
  const fresh = useQuery({
    queryKey: ['queue', execution.id],
    queryFn: () => apiFetch<Execution>(`/api/v1/executions/${execution.id}`),
    refetchInterval: 2_000,
  });
  const waitsFor = fresh.data?.waitsFor ?? execution.waitsFor;
  return waitsFor ? (
    <p className="text-ink-2">
      <Sentence text={waitsFor} />
    </p>
  ) : null;
}
