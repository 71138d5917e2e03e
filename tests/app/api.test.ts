import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGantry, startGantry, startLimitMs } from '../support/server';

describe('The API of a running Gantry', () => {
  let gantry: RunningGantry;

  beforeAll(async () => {
    gantry = await startGantry({ env: { GANTRY_PROCESS_BACKEND: '1' } });
  }, startLimitMs);
  afterAll(() => gantry?.stop());

  const ask = (at: string, init: RequestInit = {}) =>
    fetch(new URL(at, gantry.url), {
      ...init,
      headers: { authorization: `Bearer ${gantry.token}`, ...init.headers },
    });

  it('answers a route that is not there with problem details', async () => {
    const answer = await ask('/api/v1/no-such-thing');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      code: 'not_found',
      detail: 'There is no GET /api/v1/no-such-thing in this API.',
    });
    expect((await ask('/api/v1/no-such-thing', { headers: { authorization: '' } })).status).toBe(401);
  });

  it('answers a method that a route does not have with problem details', async () => {
    const answer = await ask('/api/v1/executions', { method: 'PATCH' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    expect(await answer.json()).toMatchObject({ code: 'method_not_allowed', status: 405 });
    const head = await ask('/api/v1/executions', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await ask('/api/v1/executions', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    expect((await ask('/api/v1/no-such-thing', { method: 'OPTIONS' })).status).toBe(404);
  });

  it('leaves it to clients and proxies to close an idle connection', async () => {
    expect((await ask('/healthz')).headers.get('keep-alive')).toBe('timeout=75');
  });

  it('lists the suites that can be launched, each with its profiles and backends', async () => {
    const suites = await (await ask('/api/v1/executions/launch-suites')).json();
    const hello = suites.find(({ id }: { id: string }) => id === 'hello');
    expect(hello).toMatchObject({ title: 'Hello', profiles: [{ name: 'default', default: true }] });
    expect(hello.backends).toContainEqual(
      expect.objectContaining({ id: 'process', kind: 'process', available: true }),
    );
  });

  it('launches once for one idempotency key, and tells another request with it from the first', async () => {
    const launch = (body: object) =>
      ask('/api/v1/executions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify(body),
      });
    const first = await launch({ suiteId: 'hello', backend: 'process' });
    expect(first.status).toBe(201);
    const { id } = await first.json();
    expect(first.headers.get('location')).toBe(`/api/v1/executions/${id}`);
    expect((await (await launch({ suiteId: 'hello', backend: 'process' })).json()).id).toBe(id);
    const other = await launch({ suiteId: 'hello', backend: 'process', labels: { a: 'b' } });
    expect([other.status, (await other.json()).code]).toEqual([409, 'idempotency_conflict']);
  });

  it('keeps the idempotency keys of two tokens of one name apart', async () => {
    const json = { 'content-type': 'application/json' };
    const ids = [];
    for (const _ of ['first', 'second']) {
      const made = await ask('/api/v1/tokens', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ name: 'pipeline', role: 'member' }),
      });
      const { token } = await made.json();
      const launched = await ask('/api/v1/executions', {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${token}`, 'idempotency-key': 'build 1' },
        body: JSON.stringify({ suiteId: 'hello', backend: 'process' }),
      });
      expect(launched.status).toBe(201);
      ids.push((await launched.json()).id);
    }
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    [{ suiteId: 'nope' }, 404, 'suite_not_found'],
    [{ suiteId: 'hello', profile: 'nope' }, 422, 'profile_not_found'],
    [{ suiteId: 'hello', backend: 'nope' }, 422, 'backend_not_found'],
    [{ suite: 'hello' }, 400, 'bad_request'],
  ])('refuses %j with %i %s, and makes no execution', async (body, status, code) => {
    const count = async () => (await (await ask('/api/v1/executions?limit=100')).json()).items.length;
    const before = await count();
    const answer = await ask('/api/v1/executions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
    expect(await count()).toBe(before);
  });

  it('is ready, each check on its own too', async () => {
    const { checks } = await (await ask('/readyz')).json();
    expect(checks.map(({ name }: { name: string }) => name)).toEqual([
      'datastore',
      'cache',
      'platform-settings',
      'profiles',
      'launchable-suites',
    ]);
    for (const { name } of checks) expect((await ask(`/readyz/${name}`)).status).toBe(200);
  });

  it('answers the claims of an agent directly, not through Next, and each time alike', async () => {
    const body = JSON.stringify({ name: 'often' });
    const headers = { 'content-type': 'application/json' };
    const { token } = await (await ask('/api/v1/agents/tokens', { method: 'POST', headers, body })).json();
    const claim = async (sent: string, given: Record<string, string>) => {
      const answer = await fetch(new URL('/api/v1/agent-control/claims/next', gantry.url), {
        method: 'POST',
        headers: given,
        body: sent,
      });
      // A header that only Next adds.
      return { status: answer.status, text: await answer.text(), byNext: answer.headers.has('vary') };
    };
    const by = { ...headers, authorization: `Bearer ${token}` };
    const agent = JSON.stringify({ agentId: 'often', waitMs: 0 });
    const asked: [string, Record<string, string>][] = [
      [agent, by],
      [agent, headers],
      ['{', by],
      ['{"agentId":1}', by],
      [agent, { ...by, 'content-type': 'text/plain' }],
    ];
    const answers = [];
    for (const [sent, given] of [...asked, ...asked]) answers.push(await claim(sent, given));
    expect(answers.map(({ status }) => status)).toEqual([204, 401, 400, 400, 415, 204, 401, 400, 400, 415]);
    expect(answers.slice(5).map(({ text }) => text)).toEqual(answers.slice(0, 5).map(({ text }) => text));
    expect(answers.some(({ byNext }) => byNext)).toBe(false);
  });
});
