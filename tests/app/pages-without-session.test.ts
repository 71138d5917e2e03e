import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

const app = fileURLToPath(new URL('../../app', import.meta.url));

/** Every page of the application, as Next writes its path: `(console)/suites/[id]`. */
const pages = readdirSync(app, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'page.tsx')
  .map((file) => path.dirname(file));
const guarded = pages.filter((page) => page !== 'sign-in');

/** The text of a suite and an execution that are there, which no page may tell to anyone else. */
const secretTitle = 'A title that only people who are signed in may read';

describe('Pages without a session', () => {
  let gantry: RunningGantry;
  let executionId: string;
  /** `name=value` of a session. */
  let cookieOfSession: string;

  beforeAll(async () => {
    gantry = await startGantry({ env: { GANTRY_PROCESS_BACKEND: '1' } });
    const launched = await gantry.call('/api/v1/executions', {
      method: 'POST',
      body: JSON.stringify({ suiteId: 'hello', backend: 'process', labels: { told: secretTitle } }),
    });
    executionId = (await launched.json()).id;
    const signedIn = await fetch(new URL('/api/v1/session', gantry.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: gantry.token }),
    });
    cookieOfSession = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  }, startLimitMs);
  afterAll(() => gantry?.stop());

  const addressOf = (page: string) =>
    `/${page
      .split('/')
      .filter((part) => !part.startsWith('('))
      .join('/')}`
      .replace('suites/[id]', 'suites/hello')
      .replace('executions/[id]', `executions/${executionId}`)
      .replace(/^\/\.$/, '/');

  /** Next first sends a request for a part of a page to an address with a digest of its headers. */
  const ask = async (page: string, headers: Record<string, string>): Promise<Response> => {
    const address = new URL(addressOf(page), gantry.url);
    const answer = await fetch(address, { headers, redirect: 'manual' });
    const next = new URL(answer.headers.get('location') ?? '/sign-in', address);
    if (next.pathname !== address.pathname) return answer;
    return fetch(next, { headers, redirect: 'manual' });
  };

  const told = async (answer: Response) => {
    const text = await answer.text();
    const words = [
      secretTitle,
      'Suite Hello',
      '"name":"greeter"',
      'processIsolation',
      `"id":"${executionId}"`,
    ];
    return words.filter((word) => text.includes(word) || text.includes(word.replaceAll('"', '\\"')));
  };

  it('are all known to this test', () => {
    expect(pages).toContain('(console)/executions/[id]');
    expect(guarded.length).toBe(pages.length - 1);
  });

  it.each(guarded)('send a browser of %s to the sign-in page', async (page) => {
    const answer = await ask(page, {});
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(/^\/sign-in/);
  });

  describe.each([
    ['no session', () => ({})],
    // It has the form of a session's, so `proxy.ts` lets it pass, and no session has it.
    [
      'an unknown session',
      () => ({ cookie: `${cookieOfSession.split('=')[0]}=gantry_ses_${'A'.repeat(43)}` }),
    ],
  ])('with %s', (_, shown) => {
    it.each(guarded)('tell nothing of %s to a navigation that claims to have the layout', async (page) => {
      for (const tree of treesOf(page)) {
        const answer = await ask(page, {
          ...shown(),
          rsc: '1',
          'next-router-state-tree': encodeURIComponent(JSON.stringify(tree)),
        });
        expect({ tree, told: await told(answer) }).toEqual({ tree, told: [] });
      }
    });

    it.each(guarded)('tell nothing of %s to a prefetch', async (page) => {
      for (const segment of ['/_tree', '/_full', '/_head', '/__PAGE__']) {
        const headers = {
          ...shown(),
          rsc: '1',
          'next-router-prefetch': '1',
          'next-router-segment-prefetch': segment,
        };
        expect(await told(await ask(page, headers))).toEqual([]);
      }
      expect(await told(await ask(page, { ...shown(), rsc: '1', 'next-router-prefetch': '2' }))).toEqual([]);
      expect(await told(await ask(page, shown()))).toEqual([]);
    });
  });

  it('leave the files of everybody and the API to everybody', async () => {
    const files = readdirSync(path.join(app, '../public'), { recursive: true, encoding: 'utf8' });
    const places = [
      ...files.filter((file) => path.extname(file) !== ''),
      'healthz',
      'readyz/datastore',
      'metrics',
    ];
    for (const place of [...places, 'sign-in', 'api/v1/openapi.json']) {
      const { status } = await fetch(new URL(place, gantry.url), { redirect: 'manual' });
      expect({ place, status }).toEqual({ place, status: 200 });
    }
    expect((await fetch(new URL('api/v1/executions', gantry.url))).status).toBe(401);
  });

  it('leave the stricter policy of a file that a suite has written as it is', async () => {
    const { headers } = await gantry.call(`/api/v1/executions/${executionId}/junit`);
    expect(headers.get('content-security-policy')).toBe('sandbox');
    const page = await fetch(new URL('/sign-in', gantry.url));
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('run the scripts of their own answer alone', async () => {
    const nonces = new Set<string>();
    for (const [place, headers] of [
      ['/sign-in', {}],
      ['/', { cookie: cookieOfSession }],
      [`/executions/${executionId}`, { cookie: cookieOfSession }],
    ] as const) {
      const answer = await fetch(new URL(place, gantry.url), { headers });
      const policy = answer.headers.get('content-security-policy') ?? '';
      const nonce = /script-src 'nonce-([^']{20,})' 'strict-dynamic';/.exec(policy)?.[1] ?? 'none';
      nonces.add(nonce);
      const scripts = (await answer.text()).match(/<script\b[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(3);
      expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`))).toEqual([]);
    }
    expect(nonces.size).toBe(3);
  });

  it('tell the same things to a session', async () => {
    for (const page of ['(console)', '(console)/executions/[id]', '(console)/suites/[id]']) {
      const [tree] = treesOf(page);
      const state = encodeURIComponent(JSON.stringify(tree));
      const answer = await ask(page, { cookie: cookieOfSession, rsc: '1', 'next-router-state-tree': state });
      expect({ page, told: (await told(answer)).length > 0 }).toEqual({ page, told: true });
    }
  });
});

/** What a browser says that has the layouts already, and comes from another page, or wants this one anew. */
function treesOf(page: string): unknown[] {
  const segments = page.split('/').slice(1);
  const from = (parts: string[], end: unknown): unknown =>
    parts.length === 0
      ? end
      : [
          parts[0]?.startsWith('[') ? ['id', 'other', 'd', null] : parts[0],
          { children: from(parts.slice(1), end) },
        ];
  const wrap = (inner: unknown) => ['', { children: ['(console)', { children: inner }] }, null, null];
  return [
    wrap(['nowhere', { children: ['__PAGE__', {}] }]),
    wrap(from(segments, ['__PAGE__', {}, null, 'refetch'])),
    wrap(from(segments, ['nowhere', {}])),
  ];
}
