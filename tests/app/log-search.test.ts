import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';

const kinds = ['application/json', 'text/plain', 'text/event-stream'];

let plane: TestControlPlane;
let logs: string;
beforeAll(async () => {
  plane = await startControlPlane(
    { GANTRY_PROCESS_BACKEND: '1' },
    { one: 'steps: { a: { kind: task, run: "true" } }' },
  );
  const launched = await plane.post('/api/v1/executions', { suiteId: 'one', backend: 'process' });
  logs = `/api/v1/executions/${(await launched.json()).id}/logs`;
});
afterAll(() => plane?.close());

it.each(kinds)('%s: what is no pattern is refused before the answer begins', async (accept) => {
  for (const pattern of ['ab(cd', 'x{1000}'.repeat(70)]) {
    const answer = await plane.call(`${logs}?${new URLSearchParams({ pattern })}`, { headers: { accept } });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'pattern_invalid', errors: [{ path: 'pattern' }] });
  }
});

it('a caller has two searches at a time, and further ones than wait already are refused', async () => {
  const made = await plane.post('/api/v1/tokens', { name: 'eager', role: 'viewer' });
  const { id, token } = await made.json();
  const { searchShares } = plane.server();
  const over = new AbortController();
  setMaxListeners(60, over.signal);
  const leaves = await Promise.all([1, 2].map(() => searchShares.enter(id, over.signal)));
  const waiting = Promise.allSettled(
    Array.from({ length: 50 }, () => searchShares.enter(id, over.signal).then((leave) => leave())),
  );
  const statusOf = async (query: string, accept: string, as = token) => {
    const answer = await plane.call(logs + query, { token: as, headers: { accept } });
    await answer.body?.cancel();
    return answer.status;
  };
  for (const accept of kinds) expect([accept, await statusOf('?pattern=a', accept)]).toEqual([accept, 429]);
  expect(await statusOf('?q=a', 'application/json')).toBe(429);
  expect(await statusOf('?q=a', 'text/plain')).toBe(429);
  expect(await statusOf('?stream=stdout', 'application/json')).toBe(200);
  expect(await statusOf('?q=a', 'application/json', plane.admin)).toBe(200);
  // A stream has begun when its turn is refused: it breaks off.
  const stream = await plane.call(`${logs}?q=a`, { token, headers: { accept: 'text/event-stream' } });
  await expect(stream.text()).rejects.toThrow();
  over.abort();
  await waiting;
  for (const leave of leaves) leave();
  expect(await statusOf('?q=a', 'application/json')).toBe(200);
});
