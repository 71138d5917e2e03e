import type { Clock } from '../clock';
import type { Store, Token, TokenKind } from '../store/store';
import type { Principal } from './principal';
import { type CookieSettings, sessionCookieName } from './session-cookie';
import { isStreamToken, readStreamToken } from './stream-token';
import { hashToken } from './token-text';

/**
 * Who sent the request: by `Authorization: Bearer`, else by the session cookie, else (only where `allowQuery`)
 * by `?token=`. Null when nothing valid was sent. `maxAgeMs`: see `TokenStore.find`.
 */
export async function authenticate(
  { clock, store, config }: { clock: Clock; store: Store } & Pick<CookieSettings, 'config'>,
  request: { url: string; headers: Pick<Headers, 'get'> },
  { allowQuery, maxAgeMs = 0 }: { allowQuery: boolean; maxAgeMs?: number },
): Promise<Principal | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (bearer) return byToken({ store }, bearer, ['api', 'session', 'agent'], 'bearer', maxAgeMs);
  if (allowQuery) {
    const text = new URL(request.url).searchParams.get('token');
    if (text && isStreamToken(text)) return byStreamToken({ clock, store }, text);
    if (text) return byToken({ store }, text, ['api', 'session'], 'query');
  }
  const cookie = readCookie(request.headers.get('cookie'), sessionCookieName({ store, config }));
  return cookie ? byToken({ store }, cookie, ['session'], 'cookie') : null;
}

/** The session of a page's request, from its cookie alone. */
export async function authenticateCookie(
  { store }: { store: Store },
  cookie: string,
): Promise<Principal | null> {
  return byToken({ store }, cookie, ['session'], 'cookie');
}

/** Null too when the token or session that it was made with is none any more. */
async function byStreamToken(
  { clock, store }: { clock: Clock; store: Store },
  text: string,
): Promise<Principal | null> {
  const principal = readStreamToken(clock, store.installation.secret, text);
  const id = principal?.tokenId;
  const token = id === undefined ? undefined : (await store.tokens.stillValid([id])).get(id);
  return token ? principalOf(token, 'stream') : null;
}

/** The principal of a valid token. */
export function principalOf(token: Token, via: Principal['via']): Principal {
  const { name, role, id: tokenId, kind, userId, suites, groups, madeFrom, provenMsAgo } = token;
  const apiTokenId = kind === 'api' ? tokenId : madeFrom;
  return {
    ...{ name, role, via, tokenId },
    ...(userId === undefined ? {} : { userId }),
    ...(suites === undefined ? {} : { onlySuites: suites }),
    ...(groups === undefined ? {} : { groups }),
    ...(apiTokenId === undefined ? {} : { apiTokenId }),
    ...(provenMsAgo === undefined ? {} : { provenMsAgo }),
  };
}

async function byToken(
  { store }: { store: Store },
  text: string,
  kinds: readonly TokenKind[],
  via: Principal['via'],
  maxAgeMs = 0,
): Promise<Principal | null> {
  const token = await store.tokens.find(hashToken(text), kinds, maxAgeMs);
  if (!token) return null;
  return principalOf(token, via);
}

function readCookie(header: string | null, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return null;
}
