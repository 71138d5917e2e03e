import { getProviders, signIn } from 'next-auth/react';
import { useEffect, useState } from 'react';
import { Button } from '@/app/_components/button';
import { ErrorNotice } from '@/app/_components/notice';
import { reportToOpener } from '@/app/_components/reauthenticate';
import { reasonOf } from './reasons';

/**
 * The window that a page has opened for its person to sign in again at an identity provider: goes there, and once it is
 * back tells the page and closes. `search`: `?again=` with the provider's id; without an id it is back, and `error` says
 * why the person was not signed in.
 */
export function SignInAgain({ search }: { search: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBack, setIsBack] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the link that opened the page
  useEffect(() => {
    const asked = new URLSearchParams(search);
    const provider = asked.get('again') ?? '';
    const fail = (reason: string) => {
      setProblem(reason);
      reportToOpener(reason);
    };
    if (provider !== '') {
      goTo(provider).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
      return;
    }
    const reason = reasonOf(asked.get('error'));
    if (reason !== null) return fail(reason);
    setIsBack(true);
    reportToOpener(null);
    window.close();
  }, []);

  if (problem === null)
    return (
      <p role="status">
        {isBack ? 'You are back. This window can be closed.' : 'You are sent to your identity provider…'}
      </p>
    );
  return (
    <div className="flex flex-col gap-4">
      <ErrorNotice title="That did not confirm that it is you.">{problem}</ErrorNotice>
      <Button onClick={() => window.close()}>Close this window</Button>
    </div>
  );
}

/** Leaves the page. Rejects when Gantry does not answer or does not know the provider. */
async function goTo(provider: string): Promise<void> {
  const known = await getProviders();
  if (!known) throw new Error('Gantry does not answer. It may be restarting, or this machine is offline.');
  if (!Object.hasOwn(known, provider))
    throw new Error('Your identity provider is no longer known here. Ask an admin.');
  // The server says where it goes on; this is for when its answer does not.
  await signIn(provider, { callbackUrl: `${location.origin}/sign-in?again=&error=unknown` }, { again: '' });
}
