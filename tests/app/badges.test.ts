import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const steps = `steps:
  tests:
    kind: test
    run: [node, -e, "setTimeout(() => process.exit(+process.env.CODE || 0), +process.env.WAIT || 0)"]
  more: { kind: test, run: "true" }`;
const suites = {
  shown: `title: Shown & "known"\npublic_badge: true\n${steps}`,
  hidden: `title: Hidden\n${steps}`,
  managed: `title: Managed\npublic_badge: true\n${steps}`,
  owned: `title: Owned\n${steps}`,
  broken: `public_badge: true\n${steps}\nnothing: 1`,
};

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ GANTRY_PROCESS_BACKEND: '1' }, suites);
  const profile = await plane.post('/api/v1/suites/shown/profiles', { name: 'strict', env: { CODE: '1' } });
  expect(profile.status).toBe(201);
});
afterAll(() => plane?.close());

/** Without a token unless one is given. */
function get(id: string, { query = '', token = '', headers = {} } = {}): Promise<Response> {
  const authorization: HeadersInit = token === '' ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${plane.url}/api/v1/suites/${id}/badge${query}`, {
    headers: { ...authorization, ...headers },
  });
}

async function titleOf(answer: Response | Promise<Response>): Promise<string | undefined> {
  const svg = await (await answer).text();
  expect(XMLValidator.validate(svg)).toBe(true);
  return /<title>(.*)<\/title>/.exec(svg)?.[1];
}

async function launch(body: object): Promise<string> {
  const answer = await plane.post('/api/v1/executions', { suiteId: 'shown', backend: 'process', ...body });
  expect(answer.status).toBe(201);
  return (await answer.json()).id;
}

async function ended(id: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const { status, finishedAt } = await (await plane.call(`/api/v1/executions/${id}`)).json();
      if (finishedAt === null) throw new Error(`${id} is ${status}`);
      return status;
    },
    { timeout: 240_000, interval: 100 },
  );
}

describe('The badge of a suite', () => {
  it('says how the last execution with its profile ended, and nothing of those that do not count', async () => {
    const name = 'Shown &amp; &quot;known&quot;';
    expect(await titleOf(get('shown'))).toBe(`${name}: no result`);
    expect(await ended(await launch({}))).toBe('passed');
    expect(await titleOf(get('shown'))).toBe(`${name}: passed`);
    expect(await ended(await launch({ profile: 'strict' }))).toBe('failed');
    expect(await titleOf(get('shown'))).toBe(`${name}: passed`);
    expect(await titleOf(get('shown', { query: '?profile=strict' }))).toBe(`${name}: failed`);
    expect(await titleOf(get('shown', { query: '?profile=unknown' }))).toBe(`${name}: no result`);
    expect(await ended(await launch({ env: { CODE: '3' } }))).toBe('failed');
    expect(await titleOf(get('shown'))).toBe(`${name}: failed`);
    expect(await ended(await launch({ onlySteps: ['more'] }))).toBe('passed');
    const running = await launch({ env: { WAIT: '600000' } });
    expect(await titleOf(get('shown'))).toBe(`${name}: failed`);
    await plane.post(`/api/v1/executions/${running}/cancel`, {});
    expect(await ended(running)).toBe('cancelled');
    expect(await titleOf(get('shown'))).toBe(`${name}: failed`);
  });

  it('shows the profile that is the default one here, also if it is a managed one', async () => {
    const made = { name: 'house', env: { CODE: '1' }, default: true };
    expect((await plane.post('/api/v1/suites/managed/profiles', made)).status).toBe(201);
    expect(await ended(await launch({ suiteId: 'managed' }))).toBe('failed');
    expect(await titleOf(get('managed'))).toBe('Managed: failed');
    expect(await titleOf(get('managed', { query: '?profile=default' }))).toBe('Managed: no result');
  });

  it('says that its files have errors, whichever profile it is for', async () => {
    const title = titleOf(get('broken', { token: plane.admin, query: '?profile=default' }));
    expect(await title).toBe('broken: invalid');
  });

  it('is kept by caches for a minute, and is not sent again while it is the same', async () => {
    const first = await get('shown');
    expect(first.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    const etag = first.headers.get('etag') ?? '';
    const again = await get('shown', { headers: { 'if-none-match': `W/"x", W/${etag}` } });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await again.text()).toBe('');
    const other = await get('shown', { query: '?label=Other', headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
    const own = await get('hidden', { token: plane.admin });
    expect(own.headers.get('cache-control')).toBe('private, max-age=60');
  });

  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;: '],
    ['"/><image href="http://a"/>', '&quot;/&gt;&lt;image href=&quot;http://a&quot;/&gt;: '],
    ["build 'x' & y", "build 'x' &amp; y: "],
    ['a\u0007b', 'ab: '],
    ['日本', '日本: '],
  ])('shows any label as text: %j', async (label, begin) => {
    const title = await titleOf(get('shown', { query: `?label=${encodeURIComponent(label)}` }));
    expect(title?.startsWith(begin)).toBe(true);
  });

  it('takes a label of up to 60 characters, and no other keys', async () => {
    expect((await get('shown', { query: `?label=${'x'.repeat(61)}` })).status).toBe(400);
    expect((await get('shown', { query: '?style=flat' })).status).toBe(400);
  });
});

describe('The badge of a suite that is not public', () => {
  it('is answered without a token as that of a suite that is not there', async () => {
    const answers = await Promise.all(['hidden', 'nothing', 'broken'].map((id) => get(id)));
    const seen = await Promise.all(
      answers.map(async (answer) => {
        const headers = Object.fromEntries(answer.headers);
        delete headers.date;
        return { status: answer.status, headers, body: await answer.text() };
      }),
    );
    expect(seen[0]?.status).toBe(401);
    expect(seen[0]?.body).toContain('public_badge: true');
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    const wrong = await get('hidden', { token: 'wrong' });
    expect([wrong.status, await wrong.text()]).toEqual([401, seen[0]?.body]);
  });

  it('is shown to those who may see the suite, and hidden from the others', async () => {
    const viewer = await (await plane.post('/api/v1/tokens', { name: 'wall', role: 'viewer' })).json();
    const { token } = viewer;
    expect(await titleOf(get('hidden', { token }))).toBe('Hidden: no result');
    expect(await titleOf(get('broken', { token }))).toBe('broken: invalid');
    expect((await get('nothing', { token })).status).toBe(404);
    expect(await titleOf(get('owned', { token }))).toBe('Owned: no result');
    const team = { grantee: { kind: 'group', id: 'team' }, suites: 'owned', rights: ['see'] };
    expect((await plane.post('/api/v1/grants', team)).ok).toBe(true);
    const [owned, nothing] = await Promise.all(['owned', 'nothing'].map((id) => get(id, { token })));
    expect(owned?.status).toBe(404);
    expect((await owned?.text())?.replaceAll('owned', 'nothing')).toBe(await nothing?.text());
    const agent = await plane.agentToken();
    expect((await get('hidden', { token: agent.token })).status).toBe(401);
  });
});
