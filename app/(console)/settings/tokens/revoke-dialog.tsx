'use client';

import { useMutation } from '@tanstack/react-query';
import { AlertDialog } from 'radix-ui';
import { ask } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import type { TokenSummary } from '@/lib/model/token';

interface RevokeDialogProps {
  token: TokenSummary | null;
  onClose: () => void;
  onDone: () => void;
}

/** Says what goes before it goes. */
export function RevokeDialog({ token, onClose, onDone }: RevokeDialogProps) {
  const revoke = useMutation({
    mutationFn: (id: string) => ask(`/api/v1/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: onDone,
  });
  if (!token) return null;
  const close = () => {
    revoke.reset();
    onClose();
  };
  return (
    <AlertDialog.Root open onOpenChange={(open) => (open ? undefined : close())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <AlertDialog.Content className="fixed top-[15vh] left-1/2 z-50 flex w-120 max-w-[92vw] -translate-x-1/2 flex-col gap-3 rounded-md border border-line bg-raised p-4 shadow-float">
          <AlertDialog.Title className="font-[550] text-base">
            Revoke the token {token.name}?
          </AlertDialog.Title>
          <AlertDialog.Description className="text-ink-2">
            {token.kind === 'agent'
              ? 'Every agent with this token can do nothing any more and stops what it runs.'
              : 'Whoever uses it is refused from now on, and browsers that were signed in with it are signed out.'}{' '}
            This cannot be undone; a new token can be made.
          </AlertDialog.Description>
          {revoke.isError ? (
            <ErrorNotice title="It was not revoked.">{revoke.error.message}</ErrorNotice>
          ) : null}
          <div className="flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button look="quiet">Keep it</Button>
            </AlertDialog.Cancel>
            <Button look="danger" disabled={revoke.isPending} onClick={() => revoke.mutate(token.id)}>
              Revoke
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
