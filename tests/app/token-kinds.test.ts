import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '@/lib/http/operations/operation';
import { apiTags } from '@/lib/http/operations/tags';
import { newPackageToken } from '@/lib/identity/package-token';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import type { Role, TokenKind } from '@/lib/store/store';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const kinds = [
  'api',
  'session',
  'sign_in',
  'agent',
  'package',
  'invitation',
] as const satisfies readonly TokenKind[];
const ways = ['bearer', 'cookie', 'query'] as const;
type Way = (typeof ways)[number];
type Shown = TokenKind | 'stream';

/** What each way to show a token takes, on the routes of people and on those of agents. */
const taken: Record<Way, Record<'people' | 'agents', readonly Shown[]>> = {
  bearer: { people: ['api', 'session'], agents: ['agent'] },
  cookie: { people: ['session'], agents: [] },
  query: { people: ['api', 'session', 'stream'], agents: [] },
};

const operations = apiTags
  .flatMap((area) => Object.entries<Operation>(area.operations))
  .map(([id, operation]) => ({ id, operation }));
const guarded = operations.filter(({ operation }) => operation.access !== 'public');

let plane: TestControlPlane;
const texts = new Map<Shown, string>();

/** The least that a kind can be: a viewer's, so that nothing is done with it. */
async function make(kind: TokenKind): Promise<string> {
  const text = newTokenText(kind);
  const role: Role = kind === 'agent' ? 'agent' : 'viewer';
  await plane.server().store.tokens.add({ kind, name: kind, role, expiresAt: null }, hashToken(text));
  return text;
}

beforeAll(async () => {
  plane = await startControlPlane();
  for (const kind of kinds) texts.set(kind, await make(kind));
  const made = await plane.post('/api/v1/session/stream-token', {}, texts.get('api'));
  texts.set('stream', (await made.json()).token);
});
afterAll(() => plane?.close());

async function isTaken({ method, path }: Operation, way: Way, shown: Shown): Promise<boolean> {
  // One of the operations ends the session that asks for it.
  if (shown === 'session') texts.set('session', await make('session'));
  const text = texts.get(shown) ?? '';
  const address = new URL(path.replace(/\{\w+\}/g, 'nobody'), plane.url);
  if (way === 'query') address.searchParams.set('token', text);
  const cookie = `${sessionCookieName(plane.server())}=${text}`;
  const answer = await fetch(address, {
    method,
    headers: {
      ...(way === 'bearer' ? { authorization: `Bearer ${text}` } : way === 'cookie' ? { cookie } : {}),
      'sec-fetch-site': 'same-origin',
    },
  });
  const status = answer.status;
  await answer.body?.cancel();
  return status !== 401 && !(shown === 'agent' && status === 403);
}

describe.each(guarded)('$id', ({ operation }) => {
  it.each(ways)('takes no other kinds of tokens than it should as %s', async (way) => {
    const side = operation.access === 'agent' ? 'agents' : 'people';
    const expected = way === 'query' && !operation.stream ? [] : taken[way][side];
    const found: Shown[] = [];
    for (const shown of [...kinds, 'stream' as const]) {
      // Who is refused for the role alone has shown a token that counts; an agent's is for its own routes.
      const isAgents = side === 'agents' && shown !== 'agent';
      if (!isAgents && (await isTaken(operation, way, shown))) found.push(shown);
      if (isAgents) expect(await statusOf(operation, way, shown)).toBeGreaterThanOrEqual(401);
    }
    expect(found).toEqual(expected);
  });
});

async function statusOf(operation: Operation, way: Way, shown: Shown): Promise<number> {
  const address = new URL(operation.path.replace(/\{\w+\}/g, 'nobody'), plane.url);
  const headers = way === 'bearer' ? { authorization: `Bearer ${texts.get(shown)}` } : undefined;
  return (await fetch(address, { method: operation.method, headers })).status;
}

it('only a sign-in link and an API token begin a session', async () => {
  const found: Shown[] = [];
  for (const kind of [...kinds, 'stream' as const]) {
    const token = kind === 'stream' ? texts.get('stream') : await make(kind);
    const answer = await plane.post('/api/v1/session', { token });
    if (answer.status === 204) found.push(kind);
    else expect([kind, answer.status]).toEqual([kind, 401]);
  }
  expect(found).toEqual(['api', 'sign_in']);
});

it('only a token for a package downloads it', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const right = await newPackageToken(plane.server(), digest, expiresAt);
  const at = `/api/v1/packages/${digest}`;
  for (const token of texts.values()) expect((await plane.call(at, { token })).status).toBe(401);
  expect((await plane.call(at, { token: right })).status).toBe(404);
});

describe('a stream token', () => {
  it('is good as long as the token that it was made with', async () => {
    const made = await plane.post('/api/v1/tokens', { name: 'short', role: 'viewer' });
    const { id, token } = await made.json();
    const stream = await (await plane.post('/api/v1/session/stream-token', {}, token)).json();
    const open = () => fetch(`${plane.url}/api/v1/engine/overview/stream?token=${stream.token}`);
    const answer = await open();
    expect(answer.status).toBe(200);
    const ended = answer.text().catch(() => 'broken off');

    const audit = await plane.call(`/api/v1/audit?action=stream_token.make&subject=${id}`);
    expect((await audit.json()).items).toMatchObject([{ actor: { name: 'short' }, outcome: 'allowed' }]);

    const revokedAtMs = performance.now();
    expect((await plane.call(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await open()).status).toBe(401);
    await ended;
    expect(performance.now() - revokedAtMs).toBeLessThan(20_000);
  });

  it('ends with the session that it was made in, and so do the streams of the session', async () => {
    const signedIn = await plane.post('/api/v1/session', { token: plane.admin });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const ask = (at: string, method = 'GET') => fetch(plane.url + at, { method, headers });
    const { token } = await (await ask('/api/v1/session/stream-token', 'POST')).json();
    const streams = ['/api/v1/sandboxes/events', `/api/v1/agents/events?token=${token}`];
    const open = await Promise.all(streams.map((at) => ask(at)));
    expect(open.map(({ status }) => status)).toEqual([200, 200]);
    const ended = open.map((answer) => answer.text().catch(() => 'broken off'));

    expect((await ask('/api/v1/session', 'DELETE')).status).toBe(204);
    await Promise.all(ended);
    const again = await fetch(`${plane.url}/api/v1/agents/events?token=${token}`);
    expect(again.status).toBe(401);
  });
});
