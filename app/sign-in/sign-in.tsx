'use client';

import { getProviders, signIn as signInWith } from 'next-auth/react';
import { useEffect, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import { ChoosePassword } from './choose-password';
import { PasswordForm } from './password-form';
import { placeAfterSignIn } from './place-after-sign-in';
import { reasonOf } from './reasons';
import { SignInAgain } from './sign-in-again';
import { TokenForm } from './token-form';

const passwords = 'credentials';

/**
 * Signs a browser in: with a password, an identity provider or a token. A one-time token in the link's fragment, which
 * no server and no log ever sees, signs in at once, or is an invitation to choose a password.
 */
export function SignIn() {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [again, setAgain] = useState<string | null>(null);
  const [invitation, setInvitation] = useState<string | null>(null);
  const [providers, setProviders] = useState<{ id: string; name: string }[]>([]);

  /** Leaves the page when it has worked. */
  async function attempt(act: () => Promise<string | null>) {
    setIsBusy(true);
    setProblem(null);
    try {
      const failure = await act();
      if (failure === null) return location.replace(placeAfterSignIn(location.href));
      setProblem(failure);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setIsBusy(false);
  }

  const withToken = (token: string) =>
    attempt(async () => {
      await apiFetch('/api/v1/session', { method: 'POST', body: { token }, isIdempotent: true });
      return null;
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the link that opened the page
  useEffect(() => {
    const search = new URLSearchParams(location.search);
    if (search.has('again')) return setAgain(location.search);
    setProblem(reasonOf(search.get('error')));
    const token = location.hash.slice(1);
    if (token) history.replaceState(null, '', location.pathname + location.search);
    if (token.startsWith('gantry_inv_')) return setInvitation(token);
    if (token) return void withToken(token);
    // Without an answer there are no buttons; the other ways stay.
    getProviders()
      .then((found) => setProviders(Object.values(found ?? {}).filter(({ id }) => id !== passwords)))
      .catch(() => setProviders([]));
  }, []);

  function signInWithPassword(email: string, password: string) {
    void attempt(async () => {
      const answer = await signInWith(passwords, { redirect: false, email, password });
      return answer?.ok ? null : reasonOf(answer?.error ?? 'unknown');
    });
  }

  const notice = problem ? <ErrorNotice title="That did not sign you in.">{problem}</ErrorNotice> : null;
  if (again !== null) return <SignInAgain search={again} />;
  if (invitation !== null) {
    return (
      <ChoosePassword
        notice={notice}
        isBusy={isBusy}
        onChoose={(password) =>
          void attempt(async () => {
            const body = { token: invitation, password };
            await apiFetch('/api/v1/session/invitation', { method: 'POST', body });
            return null;
          })
        }
      />
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {notice}
      {providers.length > 0 ? (
        <div className="flex flex-col gap-2">
          {providers.map(({ id, name }) => (
            <Button
              key={id}
              onClick={() => void signInWith(id, { callbackUrl: placeAfterSignIn(location.href) })}
            >
              Sign in with {name}
            </Button>
          ))}
        </div>
      ) : null}
      <PasswordForm isBusy={isBusy} onSubmit={signInWithPassword} />
      <TokenForm isBusy={isBusy} onToken={(token) => void withToken(token)} />
    </div>
  );
}
