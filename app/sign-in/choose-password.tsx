import type { FormEvent, ReactNode } from 'react';
import { Button } from '@/app/_components/button';
import { inputClass } from './input-class';

interface ChoosePasswordProps {
  /** What went wrong. */
  notice: ReactNode;
  isBusy: boolean;
  onChoose: (password: string) => void;
}

/** The form that an invitation opens. */
export function ChoosePassword({ notice, isBusy, onChoose }: ChoosePasswordProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChoose(String(new FormData(event.currentTarget).get('password') ?? ''));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {notice}
      <p>You are invited. Choose a password of at least 10 characters.</p>
      <label className="flex flex-col gap-1">
        <span className="label">New password</span>
        <input
          name="password"
          type="password"
          required
          minLength={10}
          maxLength={200}
          autoComplete="new-password"
          className={inputClass}
        />
      </label>
      <Button type="submit" variant="primary" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Set the password and sign in'}
      </Button>
    </form>
  );
}
