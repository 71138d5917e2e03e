'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { apiFetch, newIdempotencyKey } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { useKeys } from '@/app/_components/use-keys';
import type { Execution, ExecutionSummary } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

/** Cancel while it runs; run again when it has ended. */
export function ExecutionActions({ execution }: { execution: Execution }) {
  const router = useRouter();
  const [isAsking, setIsAsking] = useState(false);
  const isOver = isFinalExecution(execution.status);
  const cancel = useMutation({
    mutationFn: (force: boolean) =>
      apiFetch(`/api/v1/executions/${execution.id}/cancel${force ? '?force=1' : ''}`, {
        method: 'POST',
        body: {},
        isIdempotent: true,
      }),
  });
  const again = useMutation({
    mutationFn: (only: 'all' | 'failed') =>
      apiFetch<ExecutionSummary>(`/api/v1/executions/${execution.id}/rerun`, {
        method: 'POST',
        body: { only },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: (next) => router.push(`/executions/${next.id}`),
  });
  const hasFailures = isOver && execution.status !== 'passed';
  useKeys({
    c: () => {
      if (!isOver) setIsAsking(true);
    },
    r: () => {
      if (isOver && !again.isPending) again.mutate('all');
    },
    f: () => {
      if (hasFailures && !again.isPending) again.mutate('failed');
    },
  });
  const isCancelling = execution.cancelRequestedAt !== null;
  const problem = cancel.error ?? again.error;

  return (
    <>
      {problem ? (
        <p role="alert" className="self-center text-failed">
          {problem.message}
        </p>
      ) : null}
      {isOver ? (
        <>
          {hasFailures ? (
            <Button onClick={() => again.mutate('failed')} disabled={again.isPending}>
              Rerun failed
            </Button>
          ) : null}
          <Button onClick={() => again.mutate('all')} disabled={again.isPending}>
            {again.isPending ? 'Launching…' : 'Rerun'}
          </Button>
        </>
      ) : (
        <Button variant="danger" onClick={() => setIsAsking(true)} disabled={cancel.isPending}>
          {isCancelling ? 'Cancelling… End now' : 'Cancel'}
        </Button>
      )}
      {isAsking ? (
        <ConfirmDialog
          title={
            isCancelling
              ? `End this run of ${execution.suite.title} now?`
              : `Cancel this run of ${execution.suite.title}?`
          }
          means={
            isCancelling
              ? 'Steps that always run, such as a clean-up, are killed or do not start. This cannot be undone.'
              : `${whatGoes(execution)} This cannot be undone; you can run it again.`
          }
          action={isCancelling ? 'End it now' : 'Cancel the run'}
          cancelLabel={isCancelling ? 'Let it clean up' : 'Let it run'}
          onConfirm={() => {
            setIsAsking(false);
            cancel.mutate(isCancelling);
          }}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </>
  );
}

function whatGoes(execution: Execution): string {
  const up = execution.steps.filter((step) => ['starting', 'running', 'ready'].includes(step.status));
  if (up.length === 0) return 'Nothing runs now; what waits will not start.';
  const names = up.slice(0, 5).map((step) => step.id);
  const more = up.length > 5 ? ` and ${up.length - 5} more` : '';
  return `${names.join(', ')}${more} will be stopped, and the environment removed.`;
}
