import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { Store, Token } from '../store/store';
import { hashToken, newTokenText } from './token-text';

const lifetimeMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Exchanges a sign-in token (used up by this) or an API token for a browser session of 30 days; one that was begun with
 * an API token ends with it. Rejects with `unauthorized`.
 */
export async function startSession(
  { clock, store }: { clock: Clock; store: Store },
  token: string,
): Promise<{ text: string; expiresAt: string; session: Token }> {
  const hash = hashToken(token);
  const known = (await store.tokens.consume(hash, 'sign_in')) ?? (await store.tokens.find(hash));
  if (!known || known.kind === 'session' || known.kind === 'agent') {
    throw new AppError(
      'unauthorized',
      'This sign-in link was used already, has expired, or is not one of ours. `npm run gantry -- sign-in` prints a new one.',
    );
  }
  const text = newTokenText('session');
  const longest = new Date(clock.now().getTime() + lifetimeMs).toISOString();
  const isLink = known.kind === 'sign_in';
  const expiresAt =
    !isLink && known.expiresAt !== null && known.expiresAt < longest ? known.expiresAt : longest;
  const session = await store.tokens.add(
    {
      kind: 'session',
      name: known.name,
      role: known.role,
      expiresAt,
      ...(isLink ? {} : { madeFrom: known.id }),
    },
    hashToken(text),
  );
  return { text, expiresAt, session };
}
