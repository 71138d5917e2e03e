'use client';

import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Field, fieldClass } from '@/app/_components/field';
import { useAction } from '@/app/_components/use-action';
import type { AgentSummary } from '@/lib/model/agent';

export interface PendingAction {
  what: 'drain' | 'resume' | 'revoke' | 'remove';
  agent: AgentSummary;
}

interface AgentDialogProps {
  pending: PendingAction | null;
  onClose: () => void;
  onDone: () => void;
}

/** Says what it means before it is done. */
export function AgentDialog({ pending, onClose, onDone }: AgentDialogProps) {
  const [reason, setReason] = useState('');
  const deed = useAction({
    mutationFn: (what: PendingAction) => perform(what, reason),
    onSuccess: () => {
      setReason('');
      onDone();
    },
  });
  if (!pending) return null;
  const words = textOf(pending);
  const close = () => {
    deed.reset();
    onClose();
  };

  return (
    <ConfirmDialog
      title={words.title}
      means={words.means}
      action={words.deed}
      cancelLabel="Keep it as it is"
      isDangerous={pending.what === 'revoke' || pending.what === 'remove'}
      isDisabled={deed.isPending}
      refusal={deed.error && { title: 'It was not done', message: deed.error.message }}
      onConfirm={() => deed.mutate(pending)}
      onClose={close}
    >
      {pending.what === 'drain' ? (
        <Field label="Why (people will see it)">
          <input
            className={fieldClass}
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      ) : null}
    </ConfirmDialog>
  );
}

async function perform({ what, agent }: PendingAction, reason: string): Promise<void> {
  const path = `/api/v1/agents/${encodeURIComponent(agent.id)}`;
  if (what === 'drain')
    await apiFetch(`${path}/drain`, { method: 'POST', body: { reason }, isIdempotent: true });
  else if (what === 'resume')
    await apiFetch(`${path}/drain`, { method: 'POST', body: { drained: false }, isIdempotent: true });
  else if (what === 'remove') await apiFetch(path, { method: 'DELETE' });
  else await apiFetch(`/api/v1/agents/tokens/${encodeURIComponent(agent.token.id)}`, { method: 'DELETE' });
}

function textOf({ what, agent }: PendingAction): { title: string; means: string; deed: string } {
  const { id, token } = agent;
  return {
    drain: {
      title: `Drain ${id}?`,
      means: 'It begins no new execution and ends those it has. It can be undone at any time.',
      deed: 'Drain',
    },
    resume: {
      title: `End the drain of ${id}?`,
      means: 'It takes new executions again.',
      deed: 'End the drain',
    },
    revoke: {
      title: `Revoke the token ${token.name}?`,
      means: `${id}, and every other agent with this token, can do nothing any more and stops what it runs. This cannot be undone; a new token can be made.`,
      deed: 'Revoke',
    },
    remove: {
      title: `Forget ${id}?`,
      means: 'It goes from this list. If it is started again with a valid token, it is back.',
      deed: 'Forget',
    },
  }[what];
}
