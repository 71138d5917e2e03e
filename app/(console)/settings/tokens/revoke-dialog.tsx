'use client';

import { useMutation } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import type { TokenSummary } from '@/lib/model/token';

interface RevokeDialogProps {
  token: TokenSummary | null;
  onClose: () => void;
  onDone: () => void;
}

/** Says what goes before it goes. */
export function RevokeDialog({ token, onClose, onDone }: RevokeDialogProps) {
  const revoke = useMutation({
    mutationFn: (id: string) => apiFetch(`/api/v1/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: onDone,
  });
  if (!token) return null;
  const close = () => {
    revoke.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Revoke the token ${token.name}?`}
      means={
        <>
          {token.kind === 'agent'
            ? 'Every agent with this token can do nothing any more and stops what it runs.'
            : 'Its requests are rejected from now on, and browsers that signed in with it are signed out.'}{' '}
          This cannot be undone; a new token can be made.
        </>
      }
      action="Revoke"
      cancelLabel="Keep it"
      isDisabled={revoke.isPending}
      refusal={revoke.error && { title: 'It was not revoked.', message: revoke.error.message }}
      onConfirm={() => revoke.mutate(token.id)}
      onClose={close}
    />
  );
}
