'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Field, fieldClass } from '@/app/_components/field';
import type { AgentSummary } from '@/lib/model/agent';

export interface Asked {
  what: 'drain' | 'resume' | 'revoke' | 'remove';
  agent: AgentSummary;
}

interface AgentDialogProps {
  asked: Asked | null;
  onClose: () => void;
  onDone: () => void;
}

/** Says what it means before it is done. */
export function AgentDialog({ asked, onClose, onDone }: AgentDialogProps) {
  const [reason, setReason] = useState('');
  const deed = useMutation({
    mutationFn: (what: Asked) => perform(what, reason),
    onSuccess: () => {
      setReason('');
      onDone();
    },
  });
  if (!asked) return null;
  const words = wordsOf(asked);
  const close = () => {
    deed.reset();
    onClose();
  };

  return (
    <ConfirmDialog
      title={words.title}
      means={words.means}
      deed={words.deed}
      leave="Keep it as it is"
      isDangerous={asked.what === 'revoke' || asked.what === 'remove'}
      isDisabled={deed.isPending}
      refusal={deed.error && { title: 'It was not done', message: deed.error.message }}
      onConfirm={() => deed.mutate(asked)}
      onClose={close}
    >
      {asked.what === 'drain' ? (
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

async function perform({ what, agent }: Asked, reason: string): Promise<void> {
  const path = `/api/v1/agents/${encodeURIComponent(agent.id)}`;
  if (what === 'drain') await ask(`${path}/drain`, { method: 'POST', body: { reason } });
  else if (what === 'resume') await ask(`${path}/drain`, { method: 'POST', body: { drained: false } });
  else if (what === 'remove') await ask(path, { method: 'DELETE' });
  else await ask(`/api/v1/agents/tokens/${encodeURIComponent(agent.token.id)}`, { method: 'DELETE' });
}

function wordsOf({ what, agent }: Asked): { title: string; means: string; deed: string } {
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
