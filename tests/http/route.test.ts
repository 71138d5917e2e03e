import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '@/lib/clock';
import { createCallerShares } from '@/lib/http/caller-shares';
import { createRoute, type RouteContext } from '@/lib/http/route';
import { sessionCookieName } from '@/lib/identity/session-cookie';
import { newStreamToken } from '@/lib/identity/stream-token';
import { hashToken, newTokenText } from '@/lib/identity/token-text';
import { AppError } from '@/lib/model/errors';
import type { Role, TokenKind } from '@/lib/store/store';
import { openTestStore } from '@/tests/support/database';
import { noEngine, noStreams } from '@/tests/support/no-streams';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let context: RouteContext;
const logged: object[] = [];
const log = (fields: object) => void logged.push(fields);
const noParams = { params: Promise.resolve({}) };

beforeAll(async () => {
  opened = await openTestStore();
  context = {
    clock: systemClock,
    store: opened.store,
    sse: noStreams,
    engine: noEngine,
    shares: createCallerShares(2, 2),
    logger: { debug: log, info: log, warn: log, error: log },
    config: { secureCookies: false, reauthenticationMs: 900_000 },
  };
});
afterAll(() => opened.close());

async function tokenOf(
  role: Role,
  kind: TokenKind = 'api',
  expiresAt: string | null = null,
): Promise<string> {
  const text = newTokenText(kind);
  await opened.store.tokens.add({ kind, name: `a ${role}`, role, expiresAt }, hashToken(text));
  return text;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const route = () => createRoute(async () => context);
const ok = async () => Response.json({ ok: true });

describe('who may ask', () => {
  it('answers 401 with problem details to nobody, a wrong token, an expired token and a revoked one', async () => {
    const GET = route()({ access: 'viewer' }, ok);
    const expired = await tokenOf('admin', 'api', '2020-01-01T00:00:00.000Z');
    const attempts: Record<string, string>[] = [
      {},
      bearer('gantry_api_nonsense'),
      bearer(expired),
      { cookie: `${sessionCookieName(context)}=x` },
    ];
    for (const headers of attempts) {
      const response = await GET(new Request('http://gantry/x', { headers }), noParams);
      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'unauthorized', status: 401 });
    }
  });

  it('lets a role do what lower roles may, and nothing above', async () => {
    const POST = route()({ access: 'member' }, ok);
    const ask = async (role: Role) =>
      (
        await POST(
          new Request('http://gantry/x', { method: 'POST', headers: bearer(await tokenOf(role)) }),
          noParams,
        )
      ).status;

    expect(await ask('viewer')).toBe(403);
    expect(await ask('member')).toBe(200);
    expect(await ask('admin')).toBe(200);
  });

  it('takes ?token= on streams only, and a stream token nowhere else', async () => {
    const plain = route()({ access: 'viewer' }, ok);
    const stream = route()({ access: 'viewer', stream: true }, ok);
    const api = await tokenOf('viewer');
    const known = await opened.store.tokens.find(hashToken(api), ['api']);
    const { token } = newStreamToken(systemClock, opened.store.installation.secret, {
      name: 'a',
      role: 'viewer',
      via: 'cookie',
      ...(known ? { tokenId: known.id } : {}),
    });
    const ask = async (handler: typeof plain, text: string, headers = {}) =>
      (await handler(new Request(`http://gantry/x${text ? `?token=${text}` : ''}`, { headers }), noParams))
        .status;

    expect(await ask(stream, api)).toBe(200);
    expect(await ask(stream, token)).toBe(200);
    expect(await ask(plain, api)).toBe(401);
    expect(await ask(plain, token)).toBe(401);
    expect(await ask(plain, '', bearer(token))).toBe(401);
    expect(await ask(stream, `${token.slice(0, -2)}AA`)).toBe(401);
  });

  it('lets a session write only from its own site', async () => {
    const POST = route()({ access: 'member' }, ok);
    const cookie = `${sessionCookieName(context)}=${await tokenOf('admin', 'session')}`;
    const ask = async (headers: Record<string, string>) =>
      (
        await POST(
          new Request('http://gantry/x', { method: 'POST', headers: { cookie, host: 'gantry', ...headers } }),
          noParams,
        )
      ).status;

    expect(await ask({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await ask({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await ask({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await ask({ origin: 'http://evil.example' })).toBe(403);
    expect(await ask({})).toBe(403);
  });

  it('lets a session read, the head alone too, from wherever it comes', async () => {
    const GET = route()({ access: 'viewer' }, ok);
    const headers = {
      cookie: `${sessionCookieName(context)}=${await tokenOf('viewer', 'session')}`,
      'sec-fetch-site': 'cross-site',
    };
    for (const method of ['GET', 'HEAD']) {
      expect((await GET(new Request('http://gantry/x', { method, headers }), noParams)).status).toBe(200);
    }
  });
});

describe('what comes in', () => {
  const body = z.strictObject({ name: z.string(), size: z.number() });
  const post = async (text: string, type = 'application/json') => {
    const POST = route()({ access: 'public', body }, async ({ body: parsed }) => Response.json(parsed));
    return POST(
      new Request('http://gantry/x', { method: 'POST', body: text, headers: { 'content-type': type } }),
      noParams,
    );
  };

  it('hands over a parsed body', async () => {
    expect(await (await post('{"name":"a","size":1}')).json()).toEqual({ name: 'a', size: 1 });
  });

  it('names every field that is wrong', async () => {
    const response = await post('{"size":"big","more":1}');

    expect(response.status).toBe(400);
    const { errors } = await response.json();
    expect(errors.map((each: { path: string }) => each.path)).toEqual(
      expect.arrayContaining(['name', 'size', 'body']),
    );
  });

  it.each([
    ['not JSON', '{', 'application/json', 400],
    ['another content type', '{}', 'text/plain', 415],
    [
      'more than a megabyte',
      JSON.stringify({ name: 'x'.repeat(1_100_000), size: 1 }),
      'application/json',
      413,
    ],
  ])('refuses %s', async (_, text, type, status) => {
    expect((await post(text, type)).status).toBe(status);
  });

  it('refuses a NUL and an endless id in the path', async () => {
    const GET = route()({ access: 'public' }, ok);
    for (const id of ['a\0b', 'x'.repeat(10_000)]) {
      const response = await GET(new Request('http://gantry/x'), { params: Promise.resolve({ id }) });
      expect(response.status).toBe(400);
    }
  });
});

describe('what goes wrong', () => {
  it('maps an AppError to its status, its code and its issues', async () => {
    const GET = route()({ access: 'public' }, async () => {
      throw new AppError('suite_invalid', 'no', {
        issues: [{ path: 'suite.yaml:3:1', message: 'unknown key' }],
      });
    });
    const response = await GET(new Request('http://gantry/x'), noParams);

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'suite_invalid',
      detail: 'no',
      errors: [{ path: 'suite.yaml:3:1', message: 'unknown key' }],
    });
  });

  it('logs what nobody expected and shows none of it', async () => {
    logged.length = 0;
    const GET = route()({ access: 'public' }, async () => {
      throw new Error('password=hunter2');
    });
    const response = await GET(new Request('http://gantry/x'), noParams);

    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    expect(JSON.stringify(logged)).toContain('hunter2');
  });

  it('says when to come back while the store is away', async () => {
    const GET = route()({ access: 'public' }, async () => {
      throw new AppError('store_unavailable', 'away');
    });

    expect((await GET(new Request('http://gantry/x'), noParams)).headers.get('retry-after')).toBe('5');
  });
});

it('a caller with more requests than its share is refused, others are answered, and a client that has left is not', async () => {
  const one = newTokenText('api');
  const other = newTokenText('api');
  for (const text of [one, other]) {
    await opened.store.tokens.add(
      { kind: 'api', name: 'busy', role: 'viewer', expiresAt: null },
      hashToken(text),
    );
  }
  let answered = 0;
  let open = () => {};
  const opening = new Promise<void>((resolve) => {
    open = resolve;
  });
  const GET = createRoute(async () => context)({ access: 'viewer' }, async ({ request }) => {
    if (!request.url.includes('quick')) await opening;
    answered += 1;
    return Response.json({});
  });
  const leaving = new AbortController();
  const ask = (token: string, at = '', signal?: AbortSignal) =>
    GET(
      new Request(`http://gantry/x${at}`, { headers: { authorization: `Bearer ${token}` }, signal }),
      noParams,
    );
  const begun = [ask(one), ask(one), ask(one, '', leaving.signal), ask(one)];
  await expect.poll(async () => (await ask(one, '?quick')).status).toBe(429);
  expect((await ask(other, '?quick')).status).toBe(200);
  leaving.abort();
  open();
  expect((await Promise.all(begun)).map(({ status }) => status).sort()).toEqual([200, 200, 200, 400]);
  expect(answered).toBe(4);
});
