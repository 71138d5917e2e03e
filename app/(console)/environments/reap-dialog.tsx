'use client';

import { AlertDialog } from 'radix-ui';
import { useState } from 'react';
import { AlertFrame } from '@/app/_components/alert-frame';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import { count } from '@/app/_components/quantities';
import type { Environment } from '@/lib/model/environment';
import { ReapPreview } from './reap-preview';
import { ReapReceipt } from './reap-receipt';
import { useReap } from './use-reap';

export type PendingReap = { scope: 'one'; environment: Environment } | { scope: 'zombies' | 'all' };

export interface ReapDialogProps {
  pending: PendingReap;
  environments: Environment[];
  onClose: () => void;
}

/** Names what goes, then shows it going, then what went. */
export function ReapDialog({ pending, environments, onClose }: ReapDialogProps) {
  const { reap, start, forget } = useReap();
  // The dialog keeps the environments as of the click; the list behind it continues to change.
  const [named, setNamed] = useState<Environment[]>([]);
  const goes = reap.phase === 'asking' ? chosen(pending, environments) : named;
  const running = goes.filter(({ state }) => state === 'active' || state === 'ending');
  const close = () => {
    forget();
    onClose();
  };
  const go = () => {
    setNamed(goes);
    const force = running.length > 0;
    if (pending.scope === 'one') void start(`/api/v1/sandboxes/${pending.environment.id}/reap`, { force });
    else void start('/api/v1/sandboxes/reap-all', { scope: pending.scope, force });
  };

  return (
    <AlertFrame
      isLarge
      testId="reap"
      title={title(pending, goes, reap.phase)}
      description={descriptions(running)[reap.phase]}
      onClose={close}
    >
      <div className="relative min-h-0 flex-1 overflow-auto">
        <ReapPreview environments={goes} reap={reap} />
      </div>
      {reap.problem ? <ErrorNotice title="The reap has stopped.">{reap.problem}</ErrorNotice> : null}
      {reap.phase === 'done' ? <ReapReceipt results={reap.results} /> : null}
      <div className="flex justify-end gap-2">
        {reap.phase === 'asking' ? (
          <>
            <AlertDialog.Cancel asChild>
              <Button>Leave it</Button>
            </AlertDialog.Cancel>
            <Button variant="danger" onClick={go} disabled={goes.length === 0}>
              {running.length > 0 ? 'Cancel and reap' : 'Reap'}
            </Button>
          </>
        ) : (
          <Button onClick={close}>{reap.phase === 'done' ? 'Close' : 'Leave it going'}</Button>
        )}
      </div>
    </AlertFrame>
  );
}

/** The current environment, which may have changed since the dialog was opened. */
function chosen(asked: PendingReap, environments: Environment[]): Environment[] {
  if (asked.scope === 'one') return environments.filter(({ id }) => id === asked.environment.id);
  return asked.scope === 'all' ? environments : environments.filter(({ state }) => state === 'zombie');
}

function title(asked: PendingReap, goes: Environment[], phase: 'asking' | 'going' | 'done'): string {
  const what =
    asked.scope === 'one'
      ? `this environment of ${asked.environment.execution?.suiteTitle ?? asked.environment.suiteId ?? 'an unknown suite'}`
      : asked.scope === 'all'
        ? `everything: ${count(goes.length, 'environment')}`
        : count(goes.length, 'zombie');
  if (phase === 'asking') return `Reap ${what}?`;
  return phase === 'going' ? `Reaping ${what}` : `Reaped ${what}`;
}

function descriptions(running: Environment[]): Record<'asking' | 'going' | 'done', string> {
  return {
    asking: warning(running),
    going: 'It goes on when you leave this page.',
    done: 'This is what became of each of them.',
  };
}

function warning(running: Environment[]): string {
  const first = 'This goes, and cannot be undone.';
  if (running.length === 0) return first;
  const names = running.slice(0, 3).map((each) => each.execution?.suiteTitle ?? each.id);
  const more = running.length > 3 ? ` and ${running.length - 3} more` : '';
  const run = running.length === 1 ? 'runs and is' : 'run and are';
  return `${names.join(', ')}${more} still ${run} cancelled first. ${first}`;
}
