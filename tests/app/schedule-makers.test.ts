import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { ScheduleAnswer, ScheduleFiring } from '@/lib/model/schedule';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const steps = 'steps: { a: { kind: test, run: "true" } }';
const suites = {
  shop: steps,
  declaring: `schedules: { yearly: { cron: "@yearly", backend: process, when_running: cancel } }\n${steps}`,
};
const schedule = {
  ...{ name: 'yearly', suiteId: 'shop', backend: 'process', cron: '@yearly' },
  whenRunning: 'cancel',
};
const waits = { timeout: 240_000, interval: 100 };

let plane: TestControlPlane;
let sql: postgres.Sql;
let people = 0;
beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, suites);
  sql = postgres(plane.server().config.databaseUrl ?? '', { max: 1 });
});
afterEach(async () => {
  for (const { id } of (await json('GET', '/api/v1/grants')).items)
    await json('DELETE', `/api/v1/grants/${id}`);
});
afterAll(async () => {
  await sql?.end();
  await plane?.close();
});

type Headers = Record<string, string>;
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

async function json(method: string, at: string, body?: object, headers = bearer(plane.admin)) {
  const answer = await fetch(plane.url + at, {
    method,
    headers: { ...headers, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** A person who is signed in: the id, and the headers of their browser. */
async function signIn(role: 'viewer' | 'member'): Promise<{ id: string; headers: Headers }> {
  people += 1;
  const { store, config } = plane.server();
  const { id } = await store.users.add({ email: `ana${people}@example.com`, name: 'ana', role });
  const text = newTokenText('session');
  const session = { idleSeconds: 3_600, address: null, userAgent: null };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await store.tokens.add(
    { kind: 'session', name: 'ana', role, expiresAt, userId: id, session },
    hashToken(text),
  );
  return { id, headers: { cookie: `${sessionCookieName({ store, config })}=${text}` } };
}

const save = (headers: Headers, id?: string): Promise<ScheduleAnswer> =>
  json(id ? 'PUT' : 'POST', `/api/v1/schedules${id ? `/${id}` : ''}`, schedule, headers);
const firingsOf = async (id: string): Promise<ScheduleFiring[]> =>
  (await json('GET', `/api/v1/schedules/${id}/firings`)).items;

/** Makes a time of the schedule come now; what the control plane made of it. */
async function fire(id: string): Promise<ScheduleFiring> {
  const before = await firingsOf(id);
  await sql`update schedules set next_at = now(), due_at = now() where id = ${id}`;
  return vi.waitFor(async () => {
    const [newest, ...older] = await firingsOf(id);
    if (!newest || older.length !== before.length || newest.status === 'waiting')
      throw new Error(`not yet: ${JSON.stringify(newest)}`);
    return newest;
  }, waits);
}

const launched = { status: 'launched', reason: null, executionId: expect.any(String) };
const failedBecause = (reason: string) => ({
  status: 'failed',
  executionId: null,
  reason: expect.stringContaining(reason),
});
const noRight = 'who saved the schedule last, has no right to launch the suite shop.';

describe('A schedule launches by the right of', { timeout: 600_000 }, () => {
  it('a person who made it in a browser, and fails once they have none, until somebody else saves it', async () => {
    const ana = await signIn('member');
    const { id } = await save(ana.headers);
    expect(await fire(id)).toMatchObject(launched);
    await json('PUT', `/api/v1/users/${ana.id}`, { role: 'viewer' });
    expect(await fire(id)).toMatchObject(failedBecause(`ana, ${noRight}`));
    await save((await signIn('member')).headers, id);
    expect(await fire(id)).toMatchObject(launched);
  });

  it('a viewer with a grant, as long as they have it', async () => {
    const viewer = await signIn('viewer');
    const grantee = { kind: 'person', id: viewer.id };
    const grant = await json('POST', '/api/v1/grants', {
      grantee,
      suites: 'shop',
      rights: ['see', 'launch'],
    });
    const { id } = await save(viewer.headers);
    expect(await fire(id)).toMatchObject(launched);
    await json('DELETE', `/api/v1/grants/${grant.id}`);
    expect(await fire(id)).toMatchObject(failedBecause(`ana, ${noRight}`));
  });

  it('an API token that changed it last, also after a rotation, until it is revoked', async () => {
    const { id } = await save((await signIn('member')).headers);
    const ci = await json('POST', '/api/v1/tokens', { name: 'ci', role: 'member' });
    await save(bearer(ci.token), id);
    expect(await fire(id)).toMatchObject(launched);

    const next = await json('POST', `/api/v1/tokens/${ci.id}/rotate`, {});
    // Still with the former one, which is valid for the overlap.
    await save(bearer(ci.token), id);
    await json('DELETE', `/api/v1/tokens/${ci.id}`);
    expect(await fire(id)).toMatchObject(launched);
    await json('DELETE', `/api/v1/tokens/${next.id}`);
    expect(await fire(id)).toMatchObject(
      failedBecause('ci, who saved the schedule last, is a token that was revoked.'),
    );
  });

  it('nobody, when it was saved last by a release that recorded none', async () => {
    const ana = await signIn('member');
    const { id } = await save(ana.headers);
    await json('PUT', `/api/v1/users/${ana.id}`, { disabled: true });
    expect(await fire(id)).toMatchObject(failedBecause('ana, who saved the schedule last, is disabled.'));
    // As such a release does during an update: it knows nothing of the columns.
    await sql`update schedules set changed_at = changed_at + interval '1 ms', changed_by = 'bob' where id = ${id}`;
    expect(await fire(id)).toMatchObject(launched);
    await sql`update schedules set maker_kind = null, maker_id = null, maker_at = null where id = ${id}`;
    expect(await fire(id)).toMatchObject(launched);
  });

  it('nobody, when a file declares it', async () => {
    const id = await vi.waitFor(async () => {
      const { items } = await json('GET', '/api/v1/schedules');
      const found = items.find(({ suiteId }: ScheduleAnswer) => suiteId === 'declaring');
      if (!found) throw new Error('it is not there yet');
      return found.id;
    }, waits);
    const ana = await signIn('member');
    const known: ScheduleAnswer = await json('GET', `/api/v1/schedules/${id}`);
    const { id: _, changedAt, changedBy, nextTimes, lastFiring, ...read } = known;
    for (const enabled of [false, true])
      await json('PUT', `/api/v1/schedules/${id}`, { ...read, enabled }, ana.headers);
    await json('PUT', `/api/v1/users/${ana.id}`, { disabled: true });
    expect(await fire(id)).toMatchObject(launched);
  });
});

it('A schedule can be sent back as it was read, with the rights to it, which are not taken from it', async () => {
  const { id } = await save(bearer(plane.admin));
  const known: ScheduleAnswer = await json('GET', `/api/v1/schedules/${id}`);
  expect(known).toMatchObject({ rights: ['see', 'launch', 'keep', 'exec', 'reap'], rightsFrom: 'role' });
  const { id: _, changedAt, changedBy, nextTimes, lastFiring, ...read } = known;
  const sent = { ...read, rights: ['see'], rightsFrom: 'grants', enabled: false };
  const changed = await json('PUT', `/api/v1/schedules/${id}`, sent);
  expect(changed).toMatchObject({ enabled: false, rights: known.rights, rightsFrom: 'role' });
});
