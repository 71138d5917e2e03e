'use client';

import { useMutation } from '@tanstack/react-query';
import { AlertDialog } from 'radix-ui';
import { useState } from 'react';
import { ask } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
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
    <AlertDialog.Root open onOpenChange={(open) => (open ? undefined : close())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content className="fixed top-[15vh] left-1/2 z-50 flex w-120 max-w-[92vw] -translate-x-1/2 flex-col gap-3 rounded-md border border-line bg-raised p-4 shadow-float">
          <AlertDialog.Title className="font-[550] text-base">{words.title}</AlertDialog.Title>
          <AlertDialog.Description className="text-ink-2">{words.means}</AlertDialog.Description>
          {asked.what === 'drain' ? (
            <label className="flex flex-col gap-1">
              <span className="label">Why (people will see it)</span>
              <input
                className="h-8 rounded-md border border-line-strong bg-surface px-2"
                value={reason}
                maxLength={500}
                onChange={(event) => setReason(event.target.value)}
              />
            </label>
          ) : null}
          {deed.isError ? <ErrorNotice title="It was not done">{deed.error.message}</ErrorNotice> : null}
          <div className="flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button look="quiet">Keep it as it is</Button>
            </AlertDialog.Cancel>
            <Button
              look={asked.what === 'revoke' || asked.what === 'remove' ? 'danger' : 'primary'}
              disabled={deed.isPending}
              onClick={() => deed.mutate(asked)}
            >
              {words.deed}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
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
