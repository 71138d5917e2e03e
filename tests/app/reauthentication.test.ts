import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reauthenticationNeeds } from '@/lib/http/reauthentication-needs';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { Role } from '@/lib/store/store';
import type { SessionStart } from '@/lib/store/token-store';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { startOpenIdProvider } from '../support/openid-provider';
import { openPasswordBrowser } from '../support/password-browser';
import { openProviderBrowser } from '../support/provider-browser';
import { guarded } from './two-suites';

const needed = 'reauthentication_required';
const password = 'four grey ponies';
const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

let plane: TestControlPlane;
let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
let database: postgres.Sql;

beforeAll(async () => {
  provider = await startOpenIdProvider({
    ada: { email: 'ada@example.com', emailVerified: true, groups: ['keepers'] },
    bob: { email: 'bob@example.com', emailVerified: true, groups: ['keepers'] },
  });
  const { issuer, clientId, clientSecret } = provider;
  const corporate = { id: 'corp', name: 'Corp', issuer, clientId, clientSecret, roles: { keepers: 'admin' } };
  const believed = { ...corporate, id: 'word', name: 'Word', signInProves: true };
  plane = await startControlPlane({ GANTRY_OIDC: JSON.stringify([corporate, believed]) });
  provider.setClient(...['corp', 'word'].map((id) => `${plane.url}/api/auth/callback/${id}`));
  database = postgres(process.env.DATABASE_URL ?? '', { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await database?.end();
  await plane?.close();
  await provider?.close();
});

/** The text of an admin's session whose bearer has shown who they are at `provenAt`; null: now. */
async function sessionOf(provenAt: string | null): Promise<string> {
  const text = newTokenText('session');
  const start: SessionStart = { idleSeconds: 3_600, address: null, userAgent: null };
  const session = provenAt === null ? start : { ...start, provenAt };
  const role: Role = 'admin';
  const token = { kind: 'session', name: 'somebody', role, expiresAt: null, session } as const;
  await plane.server().store.tokens.add(token, hashToken(text));
  return text;
}

type Headers = Record<string, string>;
const byCookie = (text: string): Headers => ({
  cookie: `${sessionCookieName(plane.server())}=${text}`,
  'sec-fetch-site': 'same-origin',
});
const byBearer = (text: string): Headers => ({ authorization: `Bearer ${text}` });

/** The code of the refusal; undefined: it was not refused. */
async function codeOf(method: string, path: string, headers: Headers, body: object = {}): Promise<unknown> {
  const answer = await fetch(plane.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? await answer.body?.cancel() : await answer.text();
  return answer.ok ? undefined : JSON.parse(text || '{}').code;
}

const writing = guarded.filter(({ operation }) => operation.method !== 'GET');

it('the table has every operation that changes something, and no other', () => {
  const known = writing.map(({ operation: { method, path } }) => `${method} ${path}`);
  expect(Object.keys(reauthenticationNeeds).sort()).toEqual(known.sort());
});

describe.each(writing)('$id', ({ operation: { method, path } }) => {
  it('asks an old session where the table says so, never a new one and never an API token', async () => {
    const at = path.replace(/\{\w+\}/g, 'nobody');
    const isNeeded = ['always', 'but to disable'].includes(reauthenticationNeeds[`${method} ${path}`] ?? '');
    const body = { name: 'somebody' };
    for (const show of [byCookie, byBearer]) {
      expect((await codeOf(method, at, show(await sessionOf(hourAgo())), body)) === needed).toBe(isNeeded);
      expect(await codeOf(method, at, show(await sessionOf(null)))).not.toBe(needed);
    }
    const { token } = await (await plane.post('/api/v1/tokens', { name: 'ci', role: 'admin' })).json();
    expect(await codeOf(method, at, byBearer(token))).not.toBe(needed);
  });
});

it('a profile needs it where it names secrets', async () => {
  const secret = { key: 'TOKEN', from: 'env:TOKEN' };
  const save = async (body: object, provenAt: string | null) =>
    codeOf('POST', '/api/v1/suites/hello/profiles', byCookie(await sessionOf(provenAt)), body);
  expect(await save({ name: 'plain' }, hourAgo())).toBeUndefined();
  expect(await save({ name: 'empty', secrets: [] }, hourAgo())).toBeUndefined();
  expect(await save({ name: 'secret', secrets: [secret] }, hourAgo())).toBe(needed);
  expect(await save({ name: 'secret', secrets: [secret] }, null)).not.toBe(needed);
});

it('nothing stands in the way of disabling somebody or of signing them out everywhere', async () => {
  const { user } = await (
    await plane.post('/api/v1/users', { email: 'mallory@example.com', role: 'admin' })
  ).json();
  const at = `/api/v1/users/${user.id}`;
  const old = byCookie(await sessionOf(hourAgo()));
  expect(await codeOf('PUT', at, old, { disabled: false })).toBe(needed);
  expect(await codeOf('PUT', at, old, { disabled: true, role: 'viewer' })).toBe(needed);
  expect(await codeOf('PUT', at, old, { disabled: true })).toBeUndefined();
  expect(await codeOf('DELETE', `${at}/sessions`, old)).toBeUndefined();
});

it('the refusal is a problem of its own type, that says what to do, and stands in the audit log', async () => {
  const headers = { ...byCookie(await sessionOf(hourAgo())), 'content-type': 'application/json' };
  const answer = await fetch(`${plane.url}/api/v1/tokens`, { method: 'POST', headers, body: '{}' });
  expect([answer.status, await answer.json()]).toEqual([
    403,
    {
      type: `urn:gantry:problem:${needed}`,
      title: 'Reauthentication required',
      status: 403,
      code: needed,
      detail:
        'This needs that you have shown who you are in the last 15 minutes, and it was 60 minutes ago: confirm it (`POST /api/v1/session/reauthentication`), or sign in again, and then send this once more.',
    },
  ]);
  const log = await plane.call('/api/v1/audit?action=token.make&outcome=refused');
  expect((await log.json()).items[0]).toMatchObject({ actor: { name: 'somebody' }, outcome: 'refused' });
});

const makeToken = { name: 'x', role: 'viewer' };
const path = '/api/v1/session/reauthentication';

interface Browser {
  request(path: string, init?: RequestInit): Promise<Response>;
}
const send = (browser: Browser, at: string, body: object) =>
  browser.request(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const makes = async (browser: Browser) => (await send(browser, '/api/v1/tokens', makeToken)).status;
const waysOf = async (browser: Browser) => (await browser.request(path)).json();
const growOld = () =>
  database`update tokens set proven_at = now() - interval '1 hour' where kind = 'session'`;

describe('a person with a password', () => {
  async function signedIn(email: string) {
    const { invitation } = await (await plane.post('/api/v1/users', { email, role: 'admin' })).json();
    const browser = openPasswordBrowser(plane.url);
    const accepted = await send(browser, '/api/v1/session/invitation', { token: invitation.token, password });
    expect(accepted.status).toBe(204);
    return browser;
  }

  it('confirms with it, in this browser alone, and goes on', async () => {
    const browser = await signedIn('grace@example.com');
    const other = openPasswordBrowser(plane.url);
    await other.signIn('grace@example.com', password);
    expect([await makes(browser), await makes(other)]).toEqual([201, 201]);
    await growOld();
    expect(await makes(browser)).toBe(403);
    expect(await waysOf(browser)).toEqual({ password: true, providers: [], token: false, recent: false });
    expect((await send(browser, path, { token: plane.admin })).status).toBe(403);
    expect((await send(browser, path, { password: 'not this one' })).status).toBe(403);
    expect(await makes(browser)).toBe(403);
    expect((await send(browser, path, { password })).status).toBe(204);
    expect([await makes(browser), await makes(other)]).toEqual([201, 403]);
    const log = await (await plane.call('/api/v1/audit?action=session.reauthenticate')).text();
    expect(JSON.parse(log).items.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      ...['allowed', 'refused', 'refused'],
    ]);
    expect(log).not.toContain(password);
    expect(log).not.toContain('not this one');
  });

  it('has as many tries as at the sign-in, which nobody else can use up', async () => {
    const browser = await signedIn('joan@example.com');
    const elsewhere = openPasswordBrowser(plane.url);
    const tries = Array.from({ length: 10 });
    for (const _ of tries) await elsewhere.signIn('joan@example.com', 'wrong one');
    expect((await elsewhere.signIn('joan@example.com', password)).error).toBe('TooMany');
    const change = (current: string) =>
      send(browser, '/api/v1/session/password', { current, password: 'five grey ponies' });
    const wrong = await change('wrong one');
    expect([wrong.status, (await wrong.json()).detail]).toEqual([403, 'The current password is not right.']);
    for (const _ of tries.slice(1))
      expect((await send(browser, path, { password: 'wrong one' })).status).toBe(403);
    for (const answer of [await send(browser, path, { password }), await change(password)])
      expect(answer.status).toBe(429);
  });

  it('needs nothing more to change it than the present one, and that confirms too', async () => {
    const browser = await signedIn('mary@example.com');
    await growOld();
    const body = { current: password, password: 'five grey ponies' };
    expect((await send(browser, '/api/v1/session/password', body)).status).toBe(204);
    expect(await makes(browser)).toBe(201);
  });
});

describe('somebody without a password', () => {
  it('confirms with the API token that the session was begun with, and with no other', async () => {
    const { token } = await (await plane.post('/api/v1/tokens', { name: 'own', role: 'admin' })).json();
    const browser = openPasswordBrowser(plane.url);
    expect((await send(browser, '/api/v1/session', { token })).status).toBe(204);
    await growOld();
    expect(await waysOf(browser)).toEqual({ password: false, providers: [], token: true, recent: false });
    expect((await send(browser, path, { token: plane.admin })).status).toBe(403);
    expect((await send(browser, path, { password })).status).toBe(403);
    expect(await makes(browser)).toBe(403);
    expect((await send(browser, path, { token })).status).toBe(204);
    expect(await makes(browser)).toBe(201);
  });

  it('confirms as the first admin with a new sign-in link, once, and only then sets a password', async () => {
    const link = async (): Promise<string> =>
      (await (await plane.post('/api/v1/session/sign-in-link', {})).json()).token;
    const browser = openPasswordBrowser(plane.url);
    expect((await send(browser, '/api/v1/session', { token: await link() })).status).toBe(204);
    await growOld();
    expect(await waysOf(browser)).toEqual({ password: false, providers: [], token: true, recent: false });
    const setPassword = async () => (await send(browser, '/api/v1/session/password', { password })).status;
    expect(await setPassword()).toBe(403);
    const token = await link();
    expect((await send(browser, path, { token })).status).toBe(204);
    expect((await send(browser, path, { token })).status).toBe(403);
    expect(await setPassword()).toBe(204);
  });

  it('is refused as a token, which has no session', async () => {
    expect((await plane.call(path)).status).toBe(409);
    expect((await plane.post(path, { token: plane.admin })).status).toBe(409);
  });
});

describe('somebody of an identity provider', () => {
  const sessionIn = (cookie: string) => {
    const name = sessionCookieName(plane.server());
    return new RegExp(`${name}=([^;]+)`).exec(cookie)?.[1] ?? '';
  };
  const provenMsAgo = async (cookie: string) => {
    const session = await plane.server().store.tokens.find(hashToken(sessionIn(cookie)), ['session']);
    return session?.provenMsAgo ?? Number.NaN;
  };

  it('confirms by a new sign-in there; that the provider still knows them is not enough', async () => {
    const browser = openProviderBrowser(plane.url);
    expect(await browser.signInWith('corp', 'ada')).toBe(true);
    expect(await makes(browser)).toBe(201);
    const first = browser.cookie();
    await expect.poll(() => provenMsAgo(first), { timeout: 30_000 }).toBeGreaterThan(4_000);

    expect(await browser.signInWith('corp', 'ada')).toBe(false);
    expect(browser.cookie()).not.toBe(first);
    expect(await provenMsAgo(browser.cookie())).toBeGreaterThan(4_000);
    // What the page has asked with the former session is still answered.
    expect((await fetch(`${plane.url}/api/v1/session`, { headers: { cookie: first } })).status).toBe(200);
    const [former] = await database`select expires_at < now() + interval '30 seconds' as is_ending
      from tokens where hash = ${hashToken(sessionIn(first))}`;
    expect(former).toEqual({ is_ending: true });

    await growOld();
    expect(await makes(browser)).toBe(403);
    expect(await waysOf(browser)).toEqual({
      password: false,
      providers: [{ id: 'corp', name: 'Corp' }],
      token: false,
      recent: false,
    });
    const beganAt = performance.now();
    expect(await browser.signInWith('corp', 'ada', { again: '' })).toBe(true);
    // Providers tell whole seconds.
    expect(await provenMsAgo(browser.cookie())).toBeLessThan(performance.now() - beganAt + 1_100);
    expect(await makes(browser)).toBe(201);
  });

  it('proves nothing at a provider that does not say when, unless that one is believed', async () => {
    const browser = openProviderBrowser(plane.url);
    await browser.signInWith('corp', 'ada');
    await browser.signInWith('word', 'ada');
    await growOld();
    const withoutAge = (address: URLSearchParams) => address.delete('max_age');
    expect(await browser.signInWith('corp', 'ada', {}, withoutAge)).toBe(false);
    expect(await provenMsAgo(browser.cookie())).toBe(Number.POSITIVE_INFINITY);
    const refused = await send(browser, '/api/v1/tokens', makeToken);
    expect(refused.status).toBe(403);
    expect((await refused.json()).detail).toContain('your identity provider has not said when it was');
    expect(await browser.signInWith('word', 'ada', {}, withoutAge)).toBe(false);
    expect(await makes(browser)).toBe(201);
  });

  it.each([
    [{ max_age: '' }, { scope: 'openid profile email', max_age: '2592000', prompt: null }],
    [
      { again: '', prompt: 'none', max_age: '', scope: 'openid', claims: '{}', redirect_uri: 'https://else' },
      { scope: 'openid profile email', max_age: '0', prompt: 'login' },
    ],
  ])('sends nothing of the query %j on to the provider', async (query, expected) => {
    const browser = openProviderBrowser(plane.url);
    await browser.signInWith('corp', 'ada');
    await browser.signInWith('corp', 'ada', query, (address) => {
      expect(Object.fromEntries(Object.keys(expected).map((key) => [key, address.get(key)]))).toEqual(
        expected,
      );
      expect(address.get('redirect_uri')).toBe(`${plane.url}/api/auth/callback/corp`);
      const claims = 'again' in query ? { id_token: { auth_time: { essential: true } } } : null;
      expect(JSON.parse(address.get('claims') ?? 'null')).toEqual(claims);
    });
  });

  it('stays unproven when the query takes max_age away', async () => {
    const browser = openProviderBrowser(plane.url);
    await browser.signInWith('corp', 'ada');
    const first = browser.cookie();
    await expect.poll(() => provenMsAgo(first), { timeout: 30_000 }).toBeGreaterThan(4_000);
    expect(await browser.signInWith('corp', 'ada', { max_age: '' })).toBe(false);
    expect(await provenMsAgo(browser.cookie())).toBeGreaterThan(4_000);
  });

  it('is not signed in as somebody else who comes back, and says so where the window was opened', async () => {
    const browser = openProviderBrowser(plane.url);
    await browser.signInWith('corp', 'ada');
    const { name } = await (await browser.request('/api/v1/session')).json();
    await growOld();
    browser.leaveProvider();
    const asBob = browser.signInWith('corp', 'bob', { again: '' });
    await expect(asBob).rejects.toThrow('the sign-in was refused: /sign-in?again=&error=SomebodyElse');
    expect((await (await browser.request('/api/v1/session')).json()).name).toBe(name);
    expect(await makes(browser)).toBe(403);
    const { items } = await (await plane.call('/api/v1/sessions?of=all')).json();
    expect(items.filter((session: { name: string }) => session.name === 'bob')).toEqual([]);
    // Whoever signs in as ever may be anybody.
    expect(await browser.signInWith('corp', 'bob')).toBe(false);
    expect((await (await browser.request('/api/v1/session')).json()).name).toBe('bob');
  });
});
