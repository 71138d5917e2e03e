import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane?.close());

async function make(request: object): Promise<{ id: string; token: string }> {
  const answer = await plane.post('/api/v1/tokens', request);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function tokenOf(agentId: string): Promise<object | undefined> {
  const { items } = await (await plane.call('/api/v1/agents')).json();
  return items.find(({ id }: { id: string }) => id === agentId)?.token;
}

const statusOf = async (at: string, token: string) => (await plane.call(at, { token })).status;

it('a token opens what its role may, until it is revoked; its text is shown once', async () => {
  const { id, token } = await make({ name: 'ci', role: 'member', expiresInMs: 3_600_000 });
  expect(await (await plane.call('/api/v1/session', { token })).json()).toEqual({
    name: 'ci',
    role: 'member',
  });
  expect(await statusOf('/api/v1/tokens', token)).toBe(403);
  expect((await plane.post('/api/v1/tokens', { name: 'x', role: 'admin' }, token)).status).toBe(403);

  const listed = await (await plane.call('/api/v1/tokens')).text();
  expect(listed).not.toContain(token);
  const known = JSON.parse(listed).items.find((each: { id: string }) => each.id === id);
  expect(known).toMatchObject({ kind: 'api', name: 'ci', role: 'member', madeBy: 'bootstrap' });
  expect(Date.parse(known.expiresAt) - Date.now()).toBeGreaterThan(3_500_000);
  expect(known.lastUsedAt).toMatch(/Z$/);

  expect((await plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await statusOf('/api/v1/session', token)).toBe(401);
  expect((await plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(404);
});

it('a token is replaced without downtime: both are valid until the former one ends, with its sessions', async () => {
  const { id, token } = await make({ name: 'ci', role: 'viewer', expiresInMs: 7_200_000 });
  const body = JSON.stringify({ token });
  const headers = { 'content-type': 'application/json' };
  const signedIn = await fetch(`${plane.url}/api/v1/session`, { method: 'POST', headers, body });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const asBrowser = async () => (await fetch(`${plane.url}/api/v1/session`, { headers: { cookie } })).status;
  const rotate = (at: string, request: object) => plane.post(`/api/v1/tokens/${at}/rotate`, request);

  const made = await (await rotate(id, {})).json();
  expect(made).toMatchObject({ name: 'ci', role: 'viewer', token: expect.stringMatching(/^gantry_api_/) });
  expect(made.id).not.toBe(id);
  // The day of the overlap is longer than what was left.
  expect(Math.abs(Date.parse(made.formerExpiresAt) - Date.parse(made.expiresAt))).toBeLessThan(60_000);
  expect(await statusOf('/api/v1/session', token)).toBe(200);
  expect(await statusOf('/api/v1/session', made.token)).toBe(200);
  expect(await asBrowser()).toBe(200);

  const again = await (await rotate(made.id, { overlapMs: 0 })).json();
  await expect.poll(() => statusOf('/api/v1/session', made.token)).toBe(401);
  expect(await statusOf('/api/v1/session', again.token)).toBe(200);
  expect((await rotate(made.id, {})).status).toBe(404);
  // Those of the first one go with it.
  expect(await asBrowser()).toBe(200);
  expect((await plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
  await expect.poll(() => statusOf('/api/v1/session', token)).toBe(401);
  await expect.poll(asBrowser).toBe(401);

  expect((await rotate(again.id, { overlapMs: -1 })).status).toBe(400);
  expect((await plane.post(`/api/v1/tokens/${again.id}/rotate`, {}, again.token)).status).toBe(403);
  const log = await (await plane.call('/api/v1/audit?action=token.rotate&outcome=allowed')).text();
  expect(JSON.parse(log).items[1]).toMatchObject({ subject: { id }, detail: { replacedBy: made.id } });
  for (const secret of [made.token, again.token]) expect(log).not.toContain(secret);
});

it('a token is rotated again only once no valid one is in its place, and then for the whole of its lifetime', async () => {
  const { id } = await make({ name: 'nightly', role: 'viewer', expiresInMs: 7_200_000 });
  const rotate = (at: string, request: object = {}) => plane.post(`/api/v1/tokens/${at}/rotate`, request);
  const revoke = async (at: string) =>
    expect((await plane.call(`/api/v1/tokens/${at}`, { method: 'DELETE' })).status).toBe(204);
  const replacedBy = async (at: string) =>
    (await (await plane.call('/api/v1/tokens')).json()).items.find((each: { id: string }) => each.id === at)
      .replacedBy;
  expect(await replacedBy(id)).toBe(null);

  // Both at once: one of them finds the successor of the other.
  const both = await Promise.all([rotate(id, { overlapMs: 600_000 }), rotate(id, { overlapMs: 600_000 })]);
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  const second = await both.find(({ ok }) => ok)?.json();
  expect(await replacedBy(id)).toBe(second.id);
  const refusal = await rotate(id);
  expect([refusal.status, (await refusal.json()).detail]).toEqual([
    409,
    `The token ${id} was rotated already: the token ${second.id} is in its place. Rotate that one, or revoke it first.`,
  ]);

  const third = await (await rotate(second.id)).json();
  expect(await replacedBy(id)).toBe(third.id);
  await revoke(second.id);
  expect((await rotate(id)).status).toBe(409);
  await revoke(third.id);
  expect(await replacedBy(id)).toBe(null);
  const fourth = await (await rotate(id)).json();
  expect(Math.abs(Date.parse(fourth.expiresAt) - Date.now() - 7_200_000)).toBeLessThan(600_000);
});

it('a token of agents is replaced without downtime: each agent goes on under its name with the new one', async () => {
  const rotate = (id: string, request: object) => plane.post(`/api/v1/tokens/${id}/rotate`, request);
  const register = async (agentId: string, instance: string, token: string) => {
    const agent = { agentId, instance: `instance-${instance}`, tags: [], capacity: 1, version: '1' };
    return (await plane.post('/api/v1/agents/register', agent, token)).status;
  };
  const former = await plane.agentToken('builders');
  expect(await register('one', 'one-1', former.token)).toBe(200);
  expect(await register('two', 'two-1', former.token)).toBe(200);

  const second = await (await rotate(former.id, {})).json();
  expect(second).toMatchObject({
    name: 'builders',
    role: 'agent',
    token: expect.stringMatching(/^gantry_agent_/),
  });
  expect(await register('one', 'one-2', second.token)).toBe(200);
  // The former one is valid still, for the agents that have not changed to the new one.
  expect(await register('two', 'two-2', former.token)).toBe(200);
  // And for one that goes back to it.
  expect(await register('one', 'one-3', former.token)).toBe(200);
  expect((await rotate(former.id, {})).status).toBe(409);

  const third = await (await rotate(second.id, { overlapMs: 0 })).json();
  await expect.poll(() => register('one', 'one-4', second.token)).toBe(401);
  expect(await register('one', 'one-4', third.token)).toBe(200);
  // One that was away for two rotations.
  expect(await register('two', 'two-3', third.token)).toBe(200);
  const stranger = await plane.agentToken('strangers');
  expect(await register('two', 'two-4', stranger.token)).toBe(403);
  expect((await plane.call(`/api/v1/tokens/${third.id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await rotate(third.id, {})).status).toBe(404);

  // The name of an agent that has gone over to a token that was revoked is not lost to the one after that.
  const fourth = await (await rotate(former.id, {})).json();
  expect(await register('one', 'one-5', fourth.token)).toBe(200);
  expect(await register('two', 'two-4', former.token)).toBe(200);
  expect(await register('two', 'two-5', fourth.token)).toBe(200);
  expect(await tokenOf('two')).toEqual({
    ...{ id: fourth.id, name: 'builders', revoked: false },
    ...{ expired: false, expiresAt: null },
  });
  expect(await register('one', 'one-6', former.token)).toBe(200);
  expect(await tokenOf('one')).toMatchObject({ expired: false, expiresAt: second.formerExpiresAt });
});

it('a worker that never registered goes on under its name, with any token of a rotation', async () => {
  const claim = async (token: string) =>
    (await plane.post('/api/v1/agent-control/claims/next', { agentId: 'plain' }, token)).status;
  const former = await plane.agentToken('plain ones');
  expect(await claim(former.token)).toBe(204);
  const next = await (await plane.post(`/api/v1/tokens/${former.id}/rotate`, { overlapMs: 5_000 })).json();
  expect(await claim(next.token)).toBe(204);
  await plane.call(`/api/v1/tokens/${next.id}`, { method: 'DELETE' });
  expect(await claim(next.token)).toBe(401);
  expect(await tokenOf('plain')).toMatchObject({ revoked: true });
});

it.each([
  { name: '', role: 'member' },
  { name: '   ', role: 'member' },
  { name: 'x', role: 'agent' },
  { name: 'x', role: 'member', expiresInMs: 1 },
  { name: 'x', role: 'member', id: 'y' },
])('no token is made of %j', async (request) => {
  expect((await plane.post('/api/v1/tokens', request)).status).toBe(400);
});

it('signing out ends the session of this browser, and no token', async () => {
  const { token } = await make({ name: 'ada', role: 'viewer' });
  const signedIn = await fetch(`${plane.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const asBrowser = (method: string) =>
    fetch(`${plane.url}/api/v1/session`, { method, headers: { cookie, 'sec-fetch-site': 'same-origin' } });
  expect((await asBrowser('GET')).status).toBe(200);
  expect((await plane.call('/api/v1/session', { method: 'DELETE', token })).status).toBe(409);
  const signedOut = await asBrowser('DELETE');
  expect([signedOut.status, signedOut.headers.get('set-cookie')]).toEqual([
    204,
    `gantry_session_${plane.server().store.installation.id.slice(0, 8)}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`,
  ]);
  expect((await asBrowser('GET')).status).toBe(401);
  expect(await statusOf('/api/v1/session', token)).toBe(200);
});

it('the backends are shown to everyone, with the reason of each that is not available', async () => {
  const { token } = await make({ name: 'ada', role: 'viewer' });
  const { items } = await (await plane.call('/api/v1/backends', { token })).json();
  for (const { id, available, reason } of items) {
    expect([typeof id, available ? reason : typeof reason]).toEqual(['string', available ? null : 'string']);
  }
  expect(items.map(({ id }: { id: string }) => id)).toContain('local');
});
