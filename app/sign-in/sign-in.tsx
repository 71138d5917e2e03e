'use client';

import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';

/** Takes the one-time token from the link's fragment, which no server and no log ever sees, or from the field. */
export function SignIn() {
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);

  async function signIn(token: string) {
    setIsAsking(true);
    try {
      await ask('/api/v1/session', { method: 'POST', body: { token } });
      location.replace(nextPlace());
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsAsking(false);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the link that opened the page
  useEffect(() => {
    const token = location.hash.slice(1);
    if (!token) return;
    history.replaceState(null, '', location.pathname + location.search);
    void signIn(token);
  }, []);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void signIn(String(new FormData(event.currentTarget).get('token') ?? '').trim());
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {problem ? <ErrorNotice title="That did not sign you in.">{problem}</ErrorNotice> : null}
      <label className="flex flex-col gap-1">
        <span className="label">Sign-in token or API token</span>
        <input
          name="token"
          type="password"
          required
          autoComplete="off"
          className="h-8 rounded-md border border-line-strong bg-ground px-2 font-mono text-code"
        />
      </label>
      <Button type="submit" look="primary" disabled={isAsking}>
        {isAsking ? 'Signing in…' : 'Sign in'}
      </Button>
      <p className="text-ink-2 text-xs">
        On the machine that runs Gantry, <code>npm run gantry -- sign-in</code> prints a link that signs one
        browser in, once.
      </p>
    </form>
  );
}

/** Only a place of this site. */
function nextPlace(): string {
  const next = new URLSearchParams(location.search).get('next');
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/';
}
