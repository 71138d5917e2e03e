'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';
import type { Invitation, UserRequest, UserSummary } from '@/lib/model/user';
import { InvitationLink } from './invitation-link';
import { RoleSelect } from './role-select';

/** Adds a person and shows the link of the invitation once. */
export function AddPerson({ onAdded }: { onAdded: () => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<UserRequest['role']>('member');
  const added = useMutation({
    mutationFn: (body: UserRequest) =>
      apiFetch<{ user: UserSummary; invitation: Invitation }>('/api/v1/users', { method: 'POST', body }),
    onSuccess: () => {
      setEmail('');
      setName('');
      onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    added.mutate({ email, role, ...(name.trim() === '' ? {} : { name }) });
  };

  return (
    <section className="panel flex flex-col gap-3 p-4" aria-label="Add a person">
      <p className="max-w-[75ch] text-ink-2">
        A person signs in with a password that they choose, or with an identity provider that knows the same
        e-mail address.
      </p>
      <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <Field label="E-mail address" className="w-full sm:w-64">
          <input
            className={fieldClass}
            type="email"
            required
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Name" className="w-full sm:w-48">
          <input
            className={fieldClass}
            placeholder={email.split('@')[0]}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Role">
          <RoleSelect value={role} onChange={setRole} />
        </Field>
        <Button type="submit" variant="primary" disabled={added.isPending || email === ''}>
          {added.isPending ? 'Adding…' : 'Add a person'}
        </Button>
      </form>
      {added.isError ? <ErrorNotice title="Nobody was added.">{added.error.message}</ErrorNotice> : null}
      {added.data ? <InvitationLink name={added.data.user.name} invitation={added.data.invitation} /> : null}
    </section>
  );
}
