import { expect, it } from 'vitest';
import { endCookie, sessionCookieName, startCookie } from '@/lib/identity/session-cookie';

const settings = (secureCookies: boolean, id = 'abcdefghijklmnop') => ({
  store: { installation: { id } },
  config: { secureCookies },
});

it('the cookie of a session has a name of its own for each installation, because ports share cookies', () => {
  expect(sessionCookieName(settings(false))).toBe('gantry_session_abcdefgh');
  expect(sessionCookieName(settings(false, '12345678-more'))).toBe('gantry_session_12345678');
});

it('the cookie of a session behind TLS is bound to its host', () => {
  expect(startCookie(settings(true), 'text', '2026-01-02T03:04:05.000Z')).toBe(
    '__Host-gantry_session_abcdefgh=text; Path=/; HttpOnly; SameSite=Lax; Expires=Fri, 02 Jan 2026 03:04:05 GMT; Secure',
  );
  expect(endCookie(settings(true))).toBe(
    '__Host-gantry_session_abcdefgh=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure',
  );
});
