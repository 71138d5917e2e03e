'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { ConfirmDialog } from '@/app/_components/confirm-dialog';
import { Field, fieldClass } from '@/app/_components/field';
import type { UserChange, UserSummary } from '@/lib/model/user';

interface GroupsDialogProps {
  person: UserSummary;
  onClose: () => void;
  onDone: () => void;
}

/** Changes the groups of a person, to which rights to suites are given. */
export function GroupsDialog({ person, onClose, onDone }: GroupsDialogProps) {
  const [text, setText] = useState(person.groups.join(', '));
  const save = useMutation({
    mutationFn: (body: UserChange) =>
      apiFetch(`/api/v1/users/${encodeURIComponent(person.id)}`, { method: 'PUT', body }),
    onSuccess: onDone,
  });
  const groups = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return (
    <ConfirmDialog
      title={`Groups of ${person.name}`}
      means="Rights to suites are given to groups. An identity provider that tells groups sets them again at the next sign-in."
      isDangerous={false}
      action="Save"
      cancelLabel="Cancel"
      isDisabled={save.isPending}
      refusal={save.error && { title: 'The groups were not changed.', message: save.error.message }}
      onConfirm={() => save.mutate({ groups })}
      onClose={onClose}
    >
      <Field label="Groups, with commas between">
        <input
          className={fieldClass}
          placeholder="payments, checkout"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </Field>
    </ConfirmDialog>
  );
}
