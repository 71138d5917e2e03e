import type { FormEvent } from 'react';
import { Button } from '@/app/_components/button';
import { inputClass } from './input-class';

/** The other way in: a one-time sign-in token or an API token. */
export function TokenForm({ isBusy, onToken }: { isBusy: boolean; onToken: (token: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onToken(String(new FormData(event.currentTarget).get('token') ?? '').trim());
  };
  return (
    <details className="border-line border-t pt-3">
      <summary className="cursor-pointer text-ink-2">With a token</summary>
      <form onSubmit={submit} className="mt-3 flex flex-col gap-3">
        <label className="flex flex-col gap-1">
          <span className="label">Sign-in token or API token</span>
          <input
            name="token"
            type="password"
            required
            autoComplete="off"
            className={`${inputClass} font-mono text-code`}
          />
        </label>
        <Button type="submit" disabled={isBusy}>
          Sign in with the token
        </Button>
        <p className="text-ink-2 text-xs">
          On the machine that runs Gantry, <code>npm run gantry -- sign-in</code> prints a link that signs one
          browser in, once.
        </p>
      </form>
    </details>
  );
}
