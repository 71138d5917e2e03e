import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGantry, servers, startGantry, startLimitMs } from '../support/server';

const limitMs = 300_000;

describe.each(servers)('under %s', (server) => {
  let gantry: RunningGantry;
  let execution: string;

  beforeAll(async () => {
    gantry = await startGantry({ server, env: { GANTRY_PROCESS_BACKEND: '1' } });
    const body = JSON.stringify({ suiteId: 'hello', backend: 'process' });
    ({ id: execution } = await (await gantry.call('/api/v1/executions', { method: 'POST', body })).json());
  }, startLimitMs);
  afterAll(() => gantry?.stop());

  const open = (path: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(new URL(path, gantry.url), { headers, ...(signal ? { signal } : {}) });
  const bearer = () => ({ authorization: `Bearer ${gantry.token}` });
  const sse = { accept: 'text/event-stream' };

  it.each([
    '/api/v1/executions/ID/events',
    '/api/v1/executions/ID/logs',
    '/api/v1/executions/ID/logs?batch=1&unfinished=1',
    '/api/v1/engine/overview/stream',
    '/api/v1/sandboxes/events',
    '/api/v1/agents/events',
  ])('%s sends its first frame, however it is asked', { timeout: limitMs }, async (path) => {
    const at = path.replace('ID', execution);
    const withToken = `${at}${at.includes('?') ? '&' : '?'}token=${gantry.token}`;
    for (const answer of [await open(at, { ...bearer(), ...sse }), await open(withToken)]) {
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'content-security-policy': "frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      });
      expect(answer.headers.get('content-encoding')).toBe(null);
      expect(await readUntil(answer, '\ndata: ')).toMatch(
        /^retry: \d+\n\n(?:id: \d+|event: unfinished)\ndata: /,
      );
    }
    expect((await open(at, sse)).status).toBe(401);
  });

  it('an act streams its progress up to the end', { timeout: limitMs }, async () => {
    const answer = await fetch(new URL('/api/v1/sandboxes/reap-all', gantry.url), {
      method: 'POST',
      headers: { ...bearer(), ...sse, 'content-type': 'application/json' },
      body: JSON.stringify({ scope: 'zombies', force: false }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^retry: \d+\n\n(?:.|\n)*event: end\ndata: \{\}\n\n$/);
  });

  it('a client that leaves is no longer written to', { timeout: limitMs }, async () => {
    const leaving = new AbortController();
    const before = await openStreams(gantry);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        open('/api/v1/engine/overview/stream', { ...bearer(), ...sse }, leaving.signal),
      ),
    );
    await Promise.all(answers.map((answer) => readUntil(answer, 'data: ', true)));
    await untilOpen(gantry, before + 5);
    leaving.abort();
    await untilOpen(gantry, before);
  });

  it('a stream ends when its session signs out', { timeout: limitMs }, async () => {
    const signedIn = await fetch(new URL('/api/v1/session', gantry.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: gantry.token }),
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const answer = await open('/api/v1/engine/overview/stream', { ...sse, cookie });
    const ended = answer.text().catch(() => 'broken off');
    const signedOut = await fetch(new URL('/api/v1/session', gantry.url), {
      method: 'DELETE',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    expect(signedOut.status).toBe(204);
    expect(await ended).toBe('broken off');
  });

  it('the short paths of workers ask who calls, and limit bodies', { timeout: limitMs }, async () => {
    const body = JSON.stringify({ name: 'ada' });
    const made = await (await gantry.call('/api/v1/agents/tokens', { method: 'POST', body })).json();
    for (const path of ['/agent-control/claims/next', '/api/v1/agent-control/claims/next']) {
      const post = (token: string, text: string) =>
        fetch(new URL(path, gantry.url), {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: text,
        });
      const large = JSON.stringify({ agentId: 'x'.repeat(1_100_000) });
      const statuses = [
        (await post('none', '{}')).status,
        (await post(gantry.token, '{}')).status,
        (await post(made.token, '{}')).status,
        (await post(made.token, large)).status,
      ];
      expect([path, ...statuses]).toEqual([path, 401, 403, 400, 413]);
    }
    expect(await (await open('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await open('/readyz/datastore')).status).toBe(200);
  });

  it('streams end without an end when the server stops', { timeout: limitMs }, async () => {
    const answer = await open('/api/v1/engine/overview/stream', { ...bearer(), ...sse });
    const exited = once(gantry.process, 'exit');
    const text = readUntil(answer, 'event: end');
    gantry.process.kill('SIGTERM');
    expect(await text).toMatch(/^retry: \d+\n\n/);
    const [code] = await exited;
    expect(gantry.output()).not.toMatch(/error/i);
    // Next's own handler for the signal may be the first to end the process.
    expect(server === 'npm start' ? [0] : [0, 143]).toContain(code);
  });
});

/** Reads until the text has come, and leaves unless the stream is to stay open; rejects when it ends in `event: end`. */
async function readUntil(answer: Response, wanted: string, stays = false): Promise<string> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const read = await reader?.read();
    if (!read || read.done) break;
    text += decoder.decode(read.value, { stream: true });
    if (text.includes(wanted)) {
      if (!stays) await reader?.cancel();
      break;
    }
  }
  expect(text).not.toContain('event: end');
  return text;
}

async function openStreams(gantry: RunningGantry): Promise<number> {
  const text = await (await gantry.call('/metrics')).text();
  return Number(/^gantry_streams_open (\d+)$/m.exec(text)?.[1]);
}

async function untilOpen(gantry: RunningGantry, count: number): Promise<void> {
  while ((await openStreams(gantry)) !== count) await new Promise((resolve) => setTimeout(resolve, 50));
}
