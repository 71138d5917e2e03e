'use client';

import { useMutation } from '@tanstack/react-query';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import type { Invitation, UserSummary } from '@/lib/model/user';

export interface PersonAction {
  person: UserSummary;
  action: 'disable' | 'reset';
}

interface PersonDialogProps {
  chosen: PersonAction | null;
  onClose: () => void;
  /** With the invitation, if one was made. */
  onDone: (made: { name: string; invitation: Invitation } | null) => void;
}

/** Says what it means to disable or to reset somebody before it is done. */
export function PersonDialog({ chosen, onClose, onDone }: PersonDialogProps) {
  const act = useMutation({
    mutationFn: async ({ person, action }: PersonAction) => {
      const at = `/api/v1/users/${encodeURIComponent(person.id)}`;
      if (action === 'reset') {
        const invitation = await apiFetch<Invitation>(`${at}/reset`, { method: 'POST' });
        return { name: person.name, invitation };
      }
      await apiFetch(at, { method: 'PUT', body: { disabled: true } });
      return null;
    },
    onSuccess: onDone,
  });
  if (!chosen) return null;
  const { person, action } = chosen;
  const isReset = action === 'reset';
  return (
    <ConfirmDialog
      title={isReset ? `Reset the password of ${person.name}?` : `Disable ${person.name}?`}
      means={
        isReset
          ? 'The password counts no more and every browser is signed out. You get a link with which a new password can be chosen.'
          : 'Every browser of this person is signed out and open streams end within five seconds. API tokens that this person has made stay: revoke them under Tokens. It can be undone.'
      }
      action={isReset ? 'Reset' : 'Disable'}
      cancelLabel="Cancel"
      isDisabled={act.isPending}
      refusal={act.error && { title: 'It was not done.', message: act.error.message }}
      onConfirm={() => act.mutate(chosen)}
      onClose={() => {
        act.reset();
        onClose();
      }}
    />
  );
}
