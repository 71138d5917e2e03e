import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyLimitMs, readBody } from '@/lib/http/read-body';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { createFakeClock } from '../support/fake-clock';

let plane: TestControlPlane;
const logged: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  const { logger } = plane.server();
  for (const level of ['warn', 'error'] as const) {
    logger[level] = (fields: object, message: string) =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
  }
});
afterAll(() => plane?.close());

/** Sends the head of a request and the beginning of its body. */
async function begin(path: string, bytes: string, headers: string[] = []): Promise<Socket> {
  const { hostname, port, host } = new URL(plane.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    'content-length: 1000',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${bytes}`);
  return socket;
}

const slow = (): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => new Promise<IteratorResult<Uint8Array>>(() => undefined),
  }),
});
const failing = (): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('aborted')) }),
});
const requestWith = (body: AsyncIterable<Uint8Array>) => ({
  method: 'POST',
  url: 'http://gantry/x',
  headers: new Headers(),
  signal: new AbortController().signal,
  body,
});

it('a body that does not come is no longer waited for after the limit', async () => {
  const clock = createFakeClock();
  const read = readBody({ clock }, requestWith(slow()), 1_000);
  const refused = expect(read).rejects.toMatchObject({ code: 'request_timeout' });
  await clock.advance(bodyLimitMs - 1);
  expect(clock.sleepers()).toEqual([1]);
  await clock.advance(1);
  await refused;
});

it('no timer is left of a body that came, and one that breaks off is the fault of its sender', async () => {
  const clock = createFakeClock();
  async function* whole() {
    yield Buffer.from('one ');
    yield Buffer.from('two');
  }
  expect(String(await readBody({ clock }, requestWith(whole()), 1_000))).toBe('one two');
  expect(clock.sleepers()).toEqual([]);
  await expect(readBody({ clock }, requestWith(failing()), 1_000)).rejects.toMatchObject({
    code: 'bad_request',
  });
});

it('a connection whose body comes too slowly is answered with 408 and closed', async () => {
  const { clock } = plane.server();
  const { sleep } = clock;
  clock.sleep = (ms, signal) => sleep(ms === bodyLimitMs ? 200 : ms, signal);
  try {
    const socket = await begin('/api/v1/session', '{"token": "');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  } finally {
    clock.sleep = sleep;
  }
});

it.each(['/api/v1/session', '/api/v1/session/invitation', '/api/v1/executions'])(
  'a body of nobody in particular that breaks off at %s writes no stack and no audit entry of a failure',
  async (path) => {
    logged.length = 0;
    const socket = await begin(path, '{"token": "gantry_');
    socket.resetAndDestroy();
    // The same server answers this one after it has noticed.
    await expect.poll(async () => (await fetch(`${plane.url}/api/v1/system/healthz`)).status).toBe(200);
    const text = await (await plane.call('/api/v1/audit?outcome=failed')).text();
    expect(JSON.parse(text).items).toEqual([]);
    expect(logged.join('\n')).not.toMatch(/\n? +at |stack/);
  },
);
