import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDirectRoutes } from '@/lib/http/direct-routes';
import type { Route, RouteHandler } from '@/lib/http/route';
import { frame, frameStream } from '@/lib/http/sse';
import { createSseWriter } from '@/lib/http/sse-writer';
import { createFakeClock } from '../support/fake-clock';
import { silentLogger } from '../support/silent-logger';

const closing = new AbortController();
const sse = createSseWriter(
  {
    clock: createFakeClock(),
    logger: silentLogger,
    findCallers: async (ids) => new Map(ids.map((id) => [id, () => ''])),
  },
  closing.signal,
);
const routes = createDirectRoutes({ logger: silentLogger, sse });
const server = createServer((incoming, response) => {
  if (!routes.handle(incoming, response)) response.writeHead(299).end();
});
let url = '';
let onWait: (signal: AbortSignal) => void = () => {};

function routeOf(handle: RouteHandler): Route {
  const refuse = () => Promise.reject(new Error('Next is not here'));
  return Object.assign(refuse, { options: { access: 'public' } as const, handle });
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  routes.register({
    completeJob: routeOf(async ({ headers, body }, { params }) =>
      Response.json(
        {
          ...(await params),
          body: JSON.parse(await text(Readable.from(body ?? []))),
          by: headers.get('authorization'),
        },
        { status: 201, headers: { 'cache-control': 'no-store' } },
      ),
    ),
    claimJob: routeOf(async () => new Response(null, { status: 204 })),
    createExecution: routeOf(async () => {
      throw new Error('it broke');
    }),
    cancelExecution: routeOf(async ({ signal }) => {
      onWait(signal);
      await once(signal, 'abort');
      return new Response(null, { status: 204 });
    }),
    streamEvents: routeOf(async ({ url, method }) =>
      frameStream({}, async function* () {
        yield new TextEncoder().encode(frame(1, JSON.stringify([method, url.replace(/^http:..[^/]+/, '')])));
      }),
    ),
  });
});
afterAll(() => {
  closing.abort();
  server.closeAllConnections();
  server.close();
});

function post(path: string, body = '{"a":1}', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const complete = '/api/v1/agent-control/jobs/j-1/complete';
const claim = '/api/v1/agent-control/claims/next';
const events = '/api/v1/executions/e-1/events';
const accept = { accept: 'text/event-stream' };

it.each([complete, '/agent-control/jobs/j-1/complete'])('%s gets what Next would give it', async (path) => {
  const answer = await post(path, '{"a":"ü"}', { authorization: 'Bearer x' });
  expect(answer.status).toBe(201);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  expect(await answer.json()).toEqual({ id: 'j-1', body: { a: 'ü' }, by: 'Bearer x' });
  expect((await post(claim)).status).toBe(204);
});

it('a stream is written to the socket, its address whole', async () => {
  const answer = await fetch(`${url}${events}?token=t`, { headers: accept });
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(answer.headers.get('x-accel-buffering')).toBe('no');
  expect(await answer.text()).toMatch(
    /^retry: \d+\n\nid: 1\ndata: \["GET","\/api\/v1\/executions\/e-1\/events\?token=t"\]\n\nevent: end\ndata: \{\}\n\n$/,
  );
});

it('everything else is left to Next', async () => {
  for (const path of [
    '/',
    '/api/v1/agent-control/jobs/j-1',
    '/api/v1/agent-control/jobs//complete',
    `${complete}/`,
    `${claim}?a=1`,
    '/api/v1/agent-control/jobs/%6a/complete',
    '/api/v1/agent-control/jobs/j-1/lease',
  ])
    expect((await post(path)).status, path).toBe(299);
  expect((await fetch(url + claim)).status).toBe(299);
  expect((await post(claim, 'x'.repeat(300_000))).status).toBe(299);
  expect((await fetch(url + events)).status).toBe(299);
  expect((await fetch(url + events, { method: 'HEAD', headers: accept })).status).toBe(299);
});

it('the handler learns that the client has left', async () => {
  const waiting = new Promise<AbortSignal>((resolve) => {
    onWait = resolve;
  });
  const sent = request(`${url}/api/v1/executions/e-1/cancel`, {
    method: 'POST',
    headers: { 'content-length': 2 },
  });
  sent.on('error', () => {});
  sent.end('{}');
  const signal = await waiting;
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  sent.destroy();
  await aborted;
});

it('a handler that breaks ends its connection', async () => {
  await expect(post('/api/v1/executions')).rejects.toThrow('fetch failed');
});

it('a route for what is no operation is a mistake in the list', () => {
  const register = () => routes.register({ readNothing: routeOf(async () => new Response()) });
  expect(register).toThrow('A route is registered for readNothing, which is no operation.');
});
