'use client';

import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { Field, fieldClass } from '@/app/_components/field';
import { ErrorNotice } from '@/app/_components/notice';

/** Sets one's own password. */
export function PasswordForm() {
  const set = useMutation({
    mutationFn: (body: { current?: string; password: string }) =>
      apiFetch('/api/v1/session/password', { method: 'POST', body }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = new FormData(form);
    const current = String(typed.get('current') ?? '');
    const body = { password: String(typed.get('password') ?? ''), ...(current === '' ? {} : { current }) };
    set.mutate(body, { onSuccess: () => form.reset() });
  };
  return (
    <section className="panel flex flex-col gap-3 p-4" aria-label="Your password">
      <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <Field label="Current password, if there is one" className="w-full sm:w-64">
          <input className={fieldClass} name="current" type="password" autoComplete="current-password" />
        </Field>
        <Field label="New password" className="w-full sm:w-64">
          <input
            className={fieldClass}
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
            maxLength={200}
          />
        </Field>
        <Button type="submit" disabled={set.isPending}>
          Set the password
        </Button>
      </form>
      {set.isError ? <ErrorNotice title="The password was not set.">{set.error.message}</ErrorNotice> : null}
      {set.isSuccess ? <p role="status">The password is set. Your other browsers are signed out.</p> : null}
    </section>
  );
}
