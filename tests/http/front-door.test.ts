import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFrontDoor } from '@/lib/http/front-door';
import { silentLogger } from '../support/silent-logger';

const door = createFrontDoor({ logger: silentLogger });
const server = createServer((incoming, response) => {
  if (!door.take(incoming, response)) response.writeHead(299).end();
});
let url = '';
let onWait: (signal: AbortSignal) => void = () => {};

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  door.open('/jobs/[id]/say', async (asked, { params }) =>
    Response.json(
      {
        ...(await params),
        said: JSON.parse(await text(Readable.from(asked.body ?? []))),
        by: asked.headers.get('authorization'),
      },
      { status: 201, headers: { 'cache-control': 'no-store' } },
    ),
  );
  door.open('/nothing', async () => new Response(null, { status: 204 }));
  door.open('/breaks', async () => {
    throw new Error('it broke');
  });
  door.open('/waits', async ({ signal }) => {
    onWait(signal);
    await once(signal, 'abort');
    return new Response(null, { status: 204 });
  });
});
afterAll(() => {
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

it('calls the handler with what Next would give it, and answers what it answers', async () => {
  const said = await post('/jobs/j-1/say', '{"a":"ü"}', { authorization: 'Bearer x' });
  expect(said.status).toBe(201);
  expect(said.headers.get('cache-control')).toBe('no-store');
  expect(said.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await said.json()).toEqual({ id: 'j-1', said: { a: 'ü' }, by: 'Bearer x' });
  expect((await post('/nothing')).status).toBe(204);
});

it('leaves to Next what is not its own', async () => {
  for (const path of ['/', '/jobs/j-1', '/jobs//say', '/jobs/j-1/say/', '/nothing?a=1', '/jobs/%6a/say'])
    expect((await post(path)).status, path).toBe(299);
  expect((await fetch(`${url}/nothing`)).status).toBe(299);
  expect((await post('/nothing', 'x'.repeat(300_000))).status).toBe(299);
});

it('tells the handler when whoever asked has left', async () => {
  const waiting = new Promise<AbortSignal>((resolve) => {
    onWait = resolve;
  });
  const sent = request(`${url}/waits`, { method: 'POST', headers: { 'content-length': 2 } });
  sent.on('error', () => {});
  sent.end('{}');
  const signal = await waiting;
  expect(signal.aborted).toBe(false);
  const told = once(signal, 'abort');
  sent.destroy();
  await told;
});

it('ends the connection of a handler that breaks', async () => {
  await expect(post('/breaks')).rejects.toThrow('fetch failed');
});
