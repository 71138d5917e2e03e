'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError, apiFetch } from '@/app/_components/api';
import { countKinds, formatKinds } from '@/app/_components/format-kinds';
import { LazyStepGraph } from '@/app/_components/graph/lazy-step-graph';
import { ErrorNotice, Skeleton } from '@/app/_components/notice';
import type { LaunchRequest } from '@/lib/model/launch';
import type { Plan } from '@/lib/model/plan';

/** What a launch would run: the graph, and what is worth knowing before. */
export function LaunchPreview({ request, canRun }: { request: LaunchRequest; canRun: boolean }) {
  const preview = useQuery({
    queryKey: ['preview', request],
    queryFn: () =>
      apiFetch<Plan>('/api/v1/executions/preview', { method: 'POST', body: request, isReading: true }),
    placeholderData: keepPreviousData,
    enabled: canRun,
  });
  const plan = preview.data;
  return (
    <section aria-label="What will run" className="flex min-h-100 min-w-0 flex-col gap-3">
      {canRun ? null : (
        <ErrorNotice title="No backend can run this suite now.">
          The reasons are beside the backends.
        </ErrorNotice>
      )}
      {preview.error ? (
        <ErrorNotice title="This cannot be launched.">
          {preview.error.message}
          <ul className="mt-1 list-disc pl-4">
            {preview.error instanceof ApiError
              ? preview.error.issues.map((issue) => (
                  <li key={issue.path + issue.message}>
                    <code>{issue.path}</code> {issue.message}
                  </li>
                ))
              : null}
          </ul>
        </ErrorNotice>
      ) : null}
      {plan && !preview.error ? (
        <>
          <p className="text-ink-2">
            {plan.nodes.length === 1 ? '1 step' : `${plan.nodes.length} steps`}:{' '}
            {formatKinds(countKinds(plan.nodes))}
            {plan.failFast ? '; the first failure ends the run' : ''}
          </p>
          {plan.warnings.length > 0 ? (
            <ul className="panel border-l-2 border-l-timed-out px-3 py-2 text-ink-2">
              {plan.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          ) : null}
          <div className="panel min-h-0 flex-1 overflow-hidden">
            <LazyStepGraph steps={plan.nodes.map((node) => ({ ...node, status: 'pending', time: null }))} />
          </div>
        </>
      ) : null}
      {canRun && preview.isPending ? <Skeleton rows={6} /> : null}
    </section>
  );
}
