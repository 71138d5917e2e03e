import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathAliases } from '@/lib/http/path-aliases';
import type { Execution } from '@/lib/model/execution';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
let gantry: RunningGantry;
let known: Execution;

beforeAll(async () => {
  gantry = await startGantry({ env: { GANTRY_PROCESS_BACKEND: '1', GANTRY_LOG_LEVEL: 'debug' } });
  const body = JSON.stringify({ suiteId: 'hello', backend: 'process' });
  known = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json();
}, startLimitMs);

afterAll(() => gantry?.stop());

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Null to send none. */
  token?: string | null;
}

async function send(at: string, { method = 'GET', headers = {}, body, token = gantry.token }: Sent = {}) {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(gantry.url + at, {
    method,
    headers: { ...authorization, ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(100_000),
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: response.status,
    headers: response.headers,
    text: () => response.text(),
    cancel: () => response.body?.cancel(),
  };
}

const json = { 'content-type': 'application/json' };

/** Every API route there is, as its path with something in the place of each parameter. */
function routesOf(parameter: string): string[] {
  const app = fileURLToPath(new URL('../../app', import.meta.url));
  return readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'route.ts')
    .map((file) => `/${path.dirname(file).replaceAll(path.sep, '/')}`)
    .flatMap((route) => [route, ...aliasesOf(route)])
    .map((route) => route.replaceAll(/\[[^\]]+\]/g, parameter));
}

function aliasesOf(route: string): string[] {
  return pathAliases.flatMap(({ source, destination }) =>
    route.startsWith(destination) ? [source + route.slice(destination.length)] : [],
  );
}

const open = /^\/api\/v1\/openapi\.json$|^(\/api\/v1\/system)?\/(healthz|readyz)|^\/metrics$|^\/api\/auth\//;

/** Asks every route in every way, all at once. */
function askAll(routes: string[], token: string | null) {
  const asked = routes.flatMap((route) =>
    methods.map(async (method) => {
      const body = method === 'GET' ? {} : { body: '{}' };
      const answer = await send(route, { method, token, headers: json, ...body });
      await answer.cancel();
      return { method, route, status: answer.status };
    }),
  );
  return Promise.all(asked);
}

describe('every route', () => {
  it('asks who it is, except for health and metrics', { timeout: limitMs }, async () => {
    const answers = await askAll(routesOf('x'), null);
    expect(answers.length).toBeGreaterThan(100);
    for (const answer of answers) {
      const { method, route, status } = answer;
      if (status === 405 || open.test(route)) continue;
      // Signing in is for those who are not signed in: what is no token is refused.
      const isSignIn = /^\/api\/v1\/session(\/invitation)?$/.test(route) && method === 'POST';
      // A hook asks for a signature instead; there is none of this name.
      const isHook = route.startsWith('/api/v1/hooks/') && method === 'POST';
      const expected = isSignIn ? 400 : isHook ? 404 : 401;
      expect(answer).toEqual({ method, route, status: expected });
    }
  });

  it.each([
    ['a quote', "' OR 1=1--"],
    ['a NUL', 'a\0b'],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['an emoji', '💥'],
    ['a path', '../../etc/passwd'],
    ['a number', '1e9'],
    ['half a character', null],
    ['a negative number', '-1'],
    ['__proto__', '__proto__'],
  ])('answers 4xx for an id that is %s, and goes on', { timeout: limitMs }, async (_what, id) => {
    // encodeURIComponent takes no half of a character.
    const encoded = id === null ? '%ff%fe' : encodeURIComponent(id);
    const answers = await askAll(
      routesOf(encoded).filter((route) => route.includes(encoded)),
      gantry.token,
    );
    const wrong = answers.filter(
      ({ method, status }) =>
        (status < 400 || status >= 500) &&
        // To revoke what is not there is done already.
        !(method === 'DELETE' && status === 204),
    );
    expect(wrong).toEqual([]);
    expect((await send(`/api/v1/executions/${known.id}`)).status).toBe(200);
  });

  it.each([
    '?limit=-1',
    '?limit=0',
    '?limit=1e9',
    '?limit=999999999999',
    '?cursor=garbage',
    '?cursor=%00',
    '?status=none',
    '?label=%00:a',
    '?suite=a%00b',
    '?createdAfter=yesterday',
    '?unheard-of=1',
    `?suite=${'x'.repeat(10_000)}`,
  ])('answers 400 for a list of %.40s', async (query) => {
    const answer = await send(`/api/v1/executions${query}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(await answer.text())).toMatchObject({ code: 'bad_request', status: 400 });
  });
});

describe('a launch', () => {
  it.each<[string, Sent, number, string]>([
    ['that is no JSON', { body: '{', headers: json }, 400, 'bad_request'],
    ['that is a list', { body: '[]', headers: json }, 400, 'bad_request'],
    [
      'with a field that is not known',
      { body: '{"suiteId":"hello","volumes":["/:/host"]}', headers: json },
      400,
      'bad_request',
    ],
    [
      'with a NUL',
      { body: '{"suiteId":"hello","labels":{"a":"\\u0000"}}', headers: json },
      400,
      'bad_request',
    ],
    [
      'with a NUL in a key',
      { body: '{"suiteId":"hello","labels":{"a\\u0000":"b"}}', headers: json },
      400,
      'bad_request',
    ],
    [
      'with half of a character',
      { body: '{"suiteId":"hello","labels":{"a":"\\ud800"}}', headers: json },
      400,
      'bad_request',
    ],
    [
      'with an odd variable',
      { body: '{"suiteId":"hello","env":{"A=B":"x"}}', headers: json },
      400,
      'bad_request',
    ],
    [
      'of 2 MB',
      { body: JSON.stringify({ suiteId: 'x'.repeat(2_000_000) }), headers: json },
      413,
      'payload_too_large',
    ],
    [
      'as text',
      { body: '{"suiteId":"hello"}', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'as a form',
      { body: 'suiteId=hello', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    ['of no suite', { body: '{"suiteId":"../../etc"}', headers: json }, 404, 'suite_not_found'],
    [
      'of no profile',
      { body: '{"suiteId":"hello","profile":"none"}', headers: json },
      422,
      'profile_not_found',
    ],
    [
      'on no backend',
      { body: '{"suiteId":"hello","backend":"none"}', headers: json },
      422,
      'backend_not_found',
    ],
    [
      'with a wrong token',
      { body: '{"suiteId":"hello"}', headers: json, token: 'wrong-token-wrong-token' },
      401,
      'unauthorized',
    ],
  ])('%s is refused, and nothing is made', async (_how, sent, status, code) => {
    const count = async () => JSON.parse(await (await send('/api/v1/executions')).text()).items.length;
    const before = await count();
    const answer = await send('/api/v1/executions', { method: 'POST', ...sent });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(await answer.text())).toMatchObject({ status, code });
    expect(await count()).toBe(before);
  });

  it('may hold a backslash and a word that looks like a NUL', async () => {
    const body = JSON.stringify({ suiteId: 'hello', backend: 'process', labels: { a: '\\u0000', b: '💥' } });
    const answer = await send('/api/v1/executions', { method: 'POST', headers: json, body });
    expect(answer.status).toBe(201);
  });
});

describe('another site', () => {
  async function signIn(): Promise<string> {
    const answer = await send('/api/v1/session', {
      method: 'POST',
      token: null,
      headers: json,
      body: JSON.stringify({ token: gantry.token }),
    });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    return cookie.split(';')[0] ?? '';
  }

  it('cannot use a session to write', async () => {
    const cookie = await signIn();
    const launch = (headers: Record<string, string>) =>
      send('/api/v1/executions', {
        method: 'POST',
        token: null,
        headers: { cookie, ...json, ...headers },
        body: '{"suiteId":"none"}',
      });
    const { host } = new URL(gantry.url);
    expect((await launch({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await launch({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await launch({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await launch({ origin: 'null' })).status).toBe(403);
    expect((await launch({})).status).toBe(403);
    expect((await launch({ origin: `http://${host}` })).status).toBe(404);
    expect((await launch({ 'sec-fetch-site': 'same-origin' })).status).toBe(404);
    const cancel = await send(`/api/v1/executions/${known.id}/cancel`, {
      method: 'POST',
      token: null,
      headers: { cookie, 'content-type': 'text/plain', origin: 'https://evil.example' },
      body: '{}',
    });
    expect(cancel.status).toBe(403);
  });

  it('cannot change anything by a link, read an answer, or frame a page', async () => {
    const cookie = await signIn();
    for (const route of [
      `/api/v1/executions/${known.id}/cancel`,
      '/api/v1/session/sign-in-link',
      '/api/v1/executions/preview',
    ]) {
      expect([route, (await send(route, { token: null, headers: { cookie } })).status]).toEqual([route, 405]);
    }
    const answer = await send('/api/v1/executions', {
      token: null,
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const page = await send('/sign-in', { token: null });
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-powered-by')).toBeNull();
  });
});

describe('a token in the query', () => {
  it('is for streams alone, and no log ever shows it', async () => {
    const stream = `/api/v1/executions/${known.id}/events`;
    const made = await send('/api/v1/session/stream-token', { method: 'POST' });
    const { token }: { token: string } = JSON.parse(await made.text());
    const wrong = 'gantry_api_a-token-that-is-not-one-of-ours';
    for (const [at, status] of [
      [`${stream}?token=${token}`, 200],
      [`${stream}?token=${gantry.token}`, 200],
      [`${stream}?token=${wrong}`, 401],
      [`${stream}?token=${token.slice(0, -2)}xx`, 401],
      [`${stream}?token=gantry_st_.`, 401],
      [`${stream}?token=${token}&after=garbage`, 400],
      [`/api/v1/executions/none/events?token=${token}`, 404],
      [`/api/v1/executions?token=${gantry.token}`, 401],
      [`/api/v1/executions/${known.id}?token=${token}`, 401],
      [`/no-such-page?token=${gantry.token}`, 307],
    ] as const) {
      const answer = await send(at, { token: null });
      await answer.cancel();
      for (const secret of [token, gantry.token])
        expect(answer.headers.get('location') ?? '').not.toContain(secret);
      expect([at.split('?')[0], answer.status]).toEqual([at.split('?')[0], status]);
    }
    const asBearer = await send('/api/v1/executions', { token });
    expect(asBearer.status).toBe(401);
    for (const secret of [token, gantry.token, wrong]) expect(gantry.output()).not.toContain(secret);
  });
});
