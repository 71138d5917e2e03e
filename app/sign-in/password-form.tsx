import type { FormEvent } from 'react';
import { Button } from '@/app/_components/button';
import { inputClass } from './input-class';

interface PasswordFormProps {
  isBusy: boolean;
  onSubmit: (email: string, password: string) => void;
}

/** Asks for an e-mail address and its password. */
export function PasswordForm({ isBusy, onSubmit }: PasswordFormProps) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSubmit(String(form.get('email')), String(form.get('password')));
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <label className="flex flex-col gap-1">
        <span className="label">E-mail address</span>
        <input name="email" type="email" required autoComplete="username" className={inputClass} />
      </label>
      <label className="flex flex-col gap-1">
        <span className="label">Password</span>
        <input
          name="password"
          type="password"
          required
          maxLength={200}
          autoComplete="current-password"
          className={inputClass}
        />
      </label>
      <Button type="submit" variant="primary" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}
