'use client';

import { useMutation } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import type { TokenSummary } from '@/lib/model/token';

export interface RotatedToken {
  name: string;
  token: string;
  /** When the former one ends. */
  formerExpiresAt: string;
}

interface RotateDialogProps {
  token: TokenSummary | null;
  onClose: () => void;
  onDone: (made: RotatedToken) => void;
}

/** Makes a token in the place of another one, which stays valid for a day. */
export function RotateDialog({ token, onClose, onDone }: RotateDialogProps) {
  const rotate = useMutation({
    mutationFn: (id: string) =>
      apiFetch<RotatedToken>(`/api/v1/tokens/${encodeURIComponent(id)}/rotate`, { method: 'POST', body: {} }),
    onSuccess: onDone,
  });
  if (!token) return null;
  const close = () => {
    rotate.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      title={`Rotate the token ${token.name}?`}
      means={meaningOf(token)}
      action="Rotate"
      cancelLabel="Keep it"
      isDisabled={rotate.isPending}
      refusal={rotate.error && { title: 'It was not rotated.', message: rotate.error.message }}
      onConfirm={() => rotate.mutate(token.id)}
      onClose={close}
    />
  );
}

function meaningOf({ kind }: TokenSummary): string {
  const overlap = 'The present one stays valid for a day,';
  if (kind === 'agent')
    return `A new token with the same name is made. ${overlap} in which each agent is started again with the new one: it keeps its name and its steps. Then the present one expires.`;
  return `A new token with the same name, role and lifetime is made. ${overlap} so that programs can change to the new one without a break; then it expires.`;
}
