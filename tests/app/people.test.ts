import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { openPasswordBrowser } from '../support/password-browser';

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane?.close());

const password = 'four grey ponies';
let count = 0;

async function invite(role = 'viewer'): Promise<{ id: string; email: string; token: string }> {
  count += 1;
  const email = `person-${count}@example.com`;
  const answer = await plane.post('/api/v1/users', { email, role });
  if (!answer.ok) throw new Error(await answer.text());
  const { user, invitation } = await answer.json();
  return { id: user.id, email, token: invitation.token };
}

const accept = (token: string, chosen: string) =>
  fetch(`${plane.url}/api/v1/session/invitation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, password: chosen }),
  });

/** A person with the password, signed in. */
async function signedIn(role = 'viewer') {
  const { id, email, token } = await invite(role);
  expect((await accept(token, password)).status).toBe(204);
  const browser = openPasswordBrowser(plane.url);
  expect(await browser.signIn(email, password)).toEqual({ status: 200, error: null });
  return { id, email, browser };
}

const change = (id: string, body: object) =>
  plane.call(`/api/v1/users/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('an invitation', () => {
  it('lets one person choose a password, once, and signs the browser in', async () => {
    const { token, id } = await invite('member');
    const answers = await Promise.all([1, 2, 3].map(() => accept(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
    const cookie =
      answers
        .find(({ ok }) => ok)
        ?.headers.get('set-cookie')
        ?.split(';')[0] ?? '';
    const session = await fetch(`${plane.url}/api/v1/session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({ role: 'member' });
    const { items } = await (await plane.call('/api/v1/users')).json();
    expect(items.find((user: { id: string }) => user.id === id)).toMatchObject({
      hasPassword: true,
      sessions: 1,
    });
  });

  it.each([
    ['short', /at least 10/],
    ['qwertyuiop', /commonest/],
    ['aaaaaaaaaaaaa', /different/],
    ['person-99@example.com', null],
  ])('stays good when the password %s is not accepted', async (bad, why) => {
    const { token, email } = await invite();
    const refused = await accept(token, why === null ? email : bad);
    expect(refused.status).toBe(400);
    if (why) expect((await refused.json()).detail).toMatch(why);
    expect((await accept(token, password)).status).toBe(204);
  });

  it('is worth nothing after a newer one, or when its person is disabled', async () => {
    const { id, token } = await invite();
    const { token: newer } = await (await plane.post(`/api/v1/users/${id}/reset`, {})).json();
    expect((await accept(token, password)).status).toBe(401);
    await change(id, { disabled: true });
    expect((await accept(newer, password)).status).toBe(401);
  });

  it('is refused for an address that somebody has', async () => {
    const { email } = await invite();
    const again = await plane.post('/api/v1/users', { email: email.toUpperCase(), role: 'viewer' });
    expect(again.status).toBe(409);
  });
});

describe('a sign-in with a password', () => {
  it('says the same of a wrong password, an unknown address and somebody who is disabled, after the same time', async () => {
    const { email } = await signedIn();
    const disabled = await signedIn();
    await change(disabled.id, { disabled: true });
    const took: number[] = [];
    for (const [who, what] of [
      [email, 'not this one'],
      ['nobody@example.com', password],
      [disabled.email, password],
    ] as const) {
      const beganAt = performance.now();
      const answer = await openPasswordBrowser(plane.url).signIn(who, what);
      took.push(performance.now() - beganAt);
      expect(answer).toEqual({ status: 401, error: 'CredentialsSignin' });
    }
    expect(Math.min(...took) / Math.max(...took)).toBeGreaterThan(0.1);
  });

  it('is refused after ten wrong ones, also with the right one, and nobody else is', async () => {
    const { email } = await signedIn();
    const browser = openPasswordBrowser(plane.url);
    const errors = new Set<string | null>();
    for (let index = 0; index < 12; index += 1) errors.add((await browser.signIn(email, 'wrong one')).error);
    expect([...errors]).toEqual(['CredentialsSignin', 'TooMany']);
    expect(await browser.signIn(email, password)).toEqual({ status: 401, error: 'TooMany' });
    await signedIn();
  });

  it('needs the token of the form, and no other part of next-auth is served', async () => {
    const { email } = await signedIn();
    const browser = openPasswordBrowser(plane.url);
    const answer = await browser.request('/api/auth/callback/credentials', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ email, password, json: 'true' }).toString(),
    });
    expect((await answer.json()).url).toContain('csrf=true');
    expect(browser.cookie()).not.toContain('gantry_session');
    for (const path of ['session', 'signout', '_log', 'verify-request', 'callback/../session'])
      expect([path, (await browser.request(`/api/auth/${path}`)).status]).toEqual([path, 404]);
    const huge = await browser.request('/api/auth/callback/credentials', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `password=${'x'.repeat(100_000)}`,
    });
    expect(huge.status).toBe(413);
  });

  it('is in the audit log with its address, refused ones too, and never with the password', async () => {
    const { email } = await signedIn();
    await openPasswordBrowser(plane.url).signIn(email, 'hunter2-hunter2');
    const text = await (await plane.call('/api/v1/audit?action=session.sign_in')).text();
    expect(text).not.toContain('hunter2');
    const { items } = JSON.parse(text);
    expect(items[0]).toMatchObject({
      outcome: 'refused',
      actor: { kind: 'anonymous' },
      address: '127.0.0.1',
    });
    expect(items[1]).toMatchObject({
      outcome: 'allowed',
      actor: { kind: 'person' },
      detail: { way: 'credentials' },
    });
  });
});

describe('a session of a person', () => {
  it('has the role that the person has now', async () => {
    const { id, browser } = await signedIn('viewer');
    expect((await browser.request('/api/v1/tokens')).status).toBe(403);
    expect((await change(id, { role: 'admin' })).status).toBe(200);
    expect((await browser.request('/api/v1/tokens')).status).toBe(200);
    const lowered = await browser.request(`/api/v1/users/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'viewer' }),
    });
    expect(lowered.status).toBe(409);
  });

  it('ends with its streams within five seconds when the person is disabled, and does not come back', async () => {
    const { id, browser } = await signedIn();
    const { token } = await (
      await browser.request('/api/v1/session/stream-token', { method: 'POST' })
    ).json();
    const streams = await Promise.all([
      browser.request('/api/v1/engine/overview/stream'),
      fetch(`${plane.url}/api/v1/sandboxes/events?token=${token}`),
    ]);
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    const ended = streams.map((answer) => answer.text().catch(() => 'broken off'));
    const disabledAtMs = performance.now();
    expect(await (await change(id, { disabled: true })).json()).toMatchObject({ sessions: 0 });
    expect((await browser.request('/api/v1/session')).status).toBe(401);
    await Promise.all(ended);
    expect(performance.now() - disabledAtMs).toBeLessThan(20_000);
    await change(id, { disabled: false });
    expect((await browser.request('/api/v1/session')).status).toBe(401);
  });

  it('is listed with address and browser, and ended by its person or an admin and nobody else', async () => {
    const ada = await signedIn();
    const other = openPasswordBrowser(plane.url);
    await other.signIn(ada.email, password);
    const eve = await signedIn('member');
    const list = async (browser: typeof other) =>
      (await (await browser.request('/api/v1/sessions')).json()).items as { id: string; current: boolean }[];

    const own = await list(ada.browser);
    // The one that the invitation began is among them.
    expect(own).toHaveLength(3);
    expect(own[0]).toMatchObject({ address: '127.0.0.1', userAgent: 'node', userId: ada.id });
    expect(own.filter(({ current }) => current)).toHaveLength(1);
    const [target] = (await list(other)).filter(({ current }) => current);
    const at = `/api/v1/sessions/${target?.id}`;
    expect((await eve.browser.request(at, { method: 'DELETE' })).status).toBe(404);
    expect((await eve.browser.request('/api/v1/sessions?of=all')).status).toBe(403);
    expect((await ada.browser.request(at, { method: 'DELETE' })).status).toBe(204);
    expect((await other.request('/api/v1/session')).status).toBe(401);

    const all = (await (await plane.call('/api/v1/sessions?of=all')).json()).items;
    expect(all.length).toBeGreaterThan(3);
    const [evesOwn] = (await list(eve.browser)).filter(({ current }) => current);
    expect((await plane.call(`/api/v1/sessions/${evesOwn?.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await eve.browser.request('/api/v1/session')).status).toBe(401);

    const everywhere = await ada.browser.request('/api/v1/sessions', { method: 'DELETE' });
    expect(await everywhere.json()).toEqual({ ended: 2 });
    expect(ada.browser.cookie()).not.toContain('gantry_session');
  });

  it('takes a new password only with the current one, and then ends the others', async () => {
    const { email, browser } = await signedIn();
    const other = openPasswordBrowser(plane.url);
    await other.signIn(email, password);
    const set = (current: string) =>
      browser.request('/api/v1/session/password', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ current, password: 'five grey ponies' }),
      });
    expect((await set('not this one')).status).toBe(403);
    expect((await set(password)).status).toBe(204);
    expect((await other.request('/api/v1/session')).status).toBe(401);
    expect((await browser.request('/api/v1/session')).status).toBe(200);
    expect((await other.signIn(email, password)).error).toBe('CredentialsSignin');
    expect((await other.signIn(email, 'five grey ponies')).error).toBeNull();
    const asToken = await plane.post('/api/v1/session/password', { password: 'five grey ponies' });
    expect(asToken.status).toBe(409);
  });

  it('ends when the password is reset', async () => {
    const { id, email, browser } = await signedIn();
    expect((await plane.post(`/api/v1/users/${id}/reset`, {})).status).toBe(201);
    expect((await browser.request('/api/v1/session')).status).toBe(401);
    expect((await browser.signIn(email, password)).error).toBe('CredentialsSignin');
  });
});

it('the sign-in link makes the first admin, once, and is worth nothing while that one is disabled', async () => {
  const signIn = async () => {
    const { token } = await (await plane.post('/api/v1/session/sign-in-link', {})).json();
    return plane.post('/api/v1/session', { token });
  };
  expect((await signIn()).status).toBe(204);
  expect((await signIn()).status).toBe(204);
  const { items } = await (await plane.call('/api/v1/users')).json();
  const admins = items.filter(({ email }: { email: string | null }) => email === null);
  expect(admins).toMatchObject([{ id: 'admin', role: 'admin', hasPassword: false, sessions: 2 }]);
  expect((await change('admin', { email: 'root@example.com', name: 'Root' })).status).toBe(200);
  expect((await signIn()).status).toBe(204);
  await change('admin', { disabled: true });
  const refused = await signIn();
  expect([refused.status, (await refused.json()).detail]).toEqual([
    401,
    expect.stringContaining('user enable admin'),
  ]);
});
