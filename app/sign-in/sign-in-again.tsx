import { signIn } from 'next-auth/react';
import { reauthenticationChannel } from '@/app/_components/reauthenticate';

const done = 'done';

/**
 * What the window does that a page has opened for its person to sign in again at an identity provider: goes there, and
 * once it is back tells the page and closes. Returns what to say meanwhile; null: the window is an ordinary one.
 */
export function signInAgain(search: string): string | null {
  const provider = new URLSearchParams(search).get('again');
  if (provider === null) return null;
  if (provider !== done) {
    const callbackUrl = `${location.origin}/sign-in?again=${done}`;
    void signIn(provider, { callbackUrl }, { prompt: 'login', max_age: '0' });
    return 'You are sent to your identity provider…';
  }
  const channel = new BroadcastChannel(reauthenticationChannel);
  channel.postMessage(done);
  channel.close();
  window.close();
  return 'You have confirmed that it is you. This window can be closed.';
}
