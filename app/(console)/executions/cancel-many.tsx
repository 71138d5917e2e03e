'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { ConfirmQuestion } from '@/app/_components/confirm-question';
import type { ExecutionSummary } from '@/lib/model/execution';
import { cancelEach } from './cancel-each';

const maxNamed = 8;

/** Cancels several executions, one after another, until it is closed; those that were refused are named and stay. */
export function CancelMany({ items, onClose }: { items: readonly ExecutionSummary[]; onClose: () => void }) {
  const queries = useQueryClient();
  // The list goes on changing behind the dialog: what was read here is what is cancelled.
  const [chosen, setChosen] = useState(items);
  const [done, setDone] = useState<number | null>(null);
  const [refusals, setRefusals] = useState<string[]>([]);
  const isStopped = useRef(false);
  useEffect(() => {
    isStopped.current = false;
    return () => {
      isStopped.current = true;
    };
  }, []);
  const close = () => {
    isStopped.current = true;
    onClose();
  };
  const cancel = async () => {
    setRefusals([]);
    const refused = await cancelEach(chosen, {
      cancel: ({ id }) =>
        apiFetch(`/api/v1/executions/${id}/cancel`, { method: 'POST', body: {}, isIdempotent: true }),
      isStopped: () => isStopped.current,
      onNext: setDone,
    });
    void queries.invalidateQueries({ queryKey: ['executions'] });
    if (isStopped.current) return;
    if (refused.length === 0) return close();
    setDone(null);
    setChosen(refused.map(({ item }) => item));
    setRefusals(
      refused.map(
        ({ item, error }) => `${item.suite.title}: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  };
  const rest = chosen.length - maxNamed;
  return (
    <ConfirmQuestion
      title={chosen.length === 1 ? 'Cancel this execution?' : `Cancel these ${chosen.length} executions?`}
      means="Their steps are stopped and their environments removed. It cannot be undone; each can be run again."
      action={`Cancel ${chosen.length}`}
      cancelLabel={done === null ? 'Leave them' : 'Stop'}
      isDisabled={done !== null}
      refusal={
        refusals.length > 0
          ? { title: `${refusals.length} could not be cancelled.`, message: refusals.slice(0, 3).join(' ') }
          : null
      }
      onConfirm={() => void cancel()}
      onClose={close}
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
      {/* There before it says anything, so that it is read out. */}
      <p role="status" className="text-ink-2 empty:sr-only">
        {done === null ? '' : `Cancelling ${done + 1} of ${chosen.length}…`}
      </p>
    </ConfirmQuestion>
  );
}
