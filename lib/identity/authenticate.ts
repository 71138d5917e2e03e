import type { Clock } from '../clock';
import type { Store } from '../store/store';
import type { Principal } from './principal';
import { isStreamToken, readStreamToken } from './stream-token';
import { hashToken } from './token-text';

export const sessionCookie = 'gantry_session';

/**
 * Who sent the request: by `Authorization: Bearer`, else by the session cookie, else (only where `allowQuery`)
 * by `?token=`. Null when nothing valid was sent. `maxAgeMs`: see `TokenStore.find`.
 */
export async function authenticate(
  { clock, store }: { clock: Clock; store: Store },
  request: { url: string; headers: Pick<Headers, 'get'> },
  { allowQuery, maxAgeMs = 0 }: { allowQuery: boolean; maxAgeMs?: number },
): Promise<Principal | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (bearer) return byToken({ store }, bearer, ['api', 'session', 'agent'], 'bearer', maxAgeMs);
  if (allowQuery) {
    const text = new URL(request.url).searchParams.get('token');
    if (text && isStreamToken(text)) return readStreamToken(clock, store.installation.secret, text);
    if (text) return byToken({ store }, text, ['api', 'session'], 'query');
  }
  const cookie = readCookie(request.headers.get('cookie'), sessionCookie);
  return cookie ? byToken({ store }, cookie, ['session'], 'cookie') : null;
}

/** The session of a page's request, from its cookie alone. */
export async function authenticateCookie(
  { store }: { store: Store },
  cookie: string,
): Promise<Principal | null> {
  return byToken({ store }, cookie, ['session'], 'cookie');
}

async function byToken(
  { store }: { store: Store },
  text: string,
  kinds: string[],
  via: Principal['via'],
  maxAgeMs = 0,
): Promise<Principal | null> {
  const token = await store.tokens.find(hashToken(text), maxAgeMs);
  if (!token || !kinds.includes(token.kind)) return null;
  return { name: token.name, role: token.role, via, tokenId: token.id };
}

function readCookie(header: string | null, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return null;
}
