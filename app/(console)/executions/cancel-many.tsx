'use client';

import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { ConfirmQuestion } from '@/app/_components/confirm-question';
import type { ExecutionSummary } from '@/lib/model/execution';

const maxNamed = 8;

/** Cancels several executions, one after another; those that were refused are named and stay. */
export function CancelMany({ items, onClose }: { items: readonly ExecutionSummary[]; onClose: () => void }) {
  // The list goes on changing behind the dialog: what was read here is what is cancelled.
  const [chosen] = useState(items);
  const [done, setDone] = useState<number | null>(null);
  const [refusals, setRefusals] = useState<string[]>([]);
  const cancel = async () => {
    const refused: string[] = [];
    setRefusals([]);
    for (const [at, { id, suite }] of chosen.entries()) {
      setDone(at);
      try {
        await apiFetch(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: {}, isIdempotent: true });
      } catch (error) {
        // One that has ended meanwhile needs no cancelling.
        const isOver = error instanceof Error && 'code' in error && error.code === 'conflict';
        if (!isOver)
          refused.push(`${suite.title}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    setDone(null);
    setRefusals(refused);
    if (refused.length === 0) onClose();
  };
  const rest = chosen.length - maxNamed;
  return (
    <ConfirmQuestion
      title={chosen.length === 1 ? 'Cancel this execution?' : `Cancel these ${chosen.length} executions?`}
      means="Their steps are stopped and their environments removed. It cannot be undone; each can be run again."
      action={done === null ? `Cancel ${chosen.length}` : `Cancelling ${done + 1} of ${chosen.length}…`}
      cancelLabel="Leave them"
      isDisabled={done !== null}
      refusal={
        refusals.length > 0
          ? { title: `${refusals.length} could not be cancelled.`, message: refusals.slice(0, 3).join(' ') }
          : null
      }
      onConfirm={() => void cancel()}
      onClose={onClose}
    >
      <ul className="flex flex-col gap-1">
        {chosen.slice(0, maxNamed).map(({ id, suite, profile, author, status }) => (
          <li key={id} className="truncate">
            <span className="font-[550]">{suite.title}</span>{' '}
            <span className="text-ink-2">
              {profile} · {author} · {status}
            </span>
          </li>
        ))}
        {rest > 0 ? <li className="text-ink-2">{rest} more</li> : null}
      </ul>
    </ConfirmQuestion>
  );
}
