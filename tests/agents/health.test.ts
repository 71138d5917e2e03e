import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import type { AgentStatus } from '@/lib/agent/agent-status';
import { serveHealth } from '@/lib/agent/health';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address && typeof address === 'object' ? address.port : 0;
}

it('says whether the control plane answers and steps can run, and what it does', async () => {
  let status: AgentStatus = { isConnected: true, problem: null, jobs: 2 };
  const port = await freePort();
  open.push(await serveHealth(port, () => status));
  const ask = (path = '/healthz') => fetch(`http://127.0.0.1:${port}${path}`);

  const well = await ask();
  expect([well.status, await well.json()]).toEqual([
    200,
    { status: 'ok', isConnected: true, problem: null, jobs: 2 },
  ]);
  status = { isConnected: true, problem: 'Docker does not answer', jobs: 0 };
  const unable = await ask();
  expect([unable.status, await unable.json()]).toEqual([
    503,
    { status: 'unwell', isConnected: true, problem: 'Docker does not answer', jobs: 0 },
  ]);
  status = { isConnected: false, problem: null, jobs: 0 };
  expect((await ask()).status).toBe(503);
  expect((await ask('/')).status).toBe(404);
});

it('a port that is taken ends the start with a reason', async () => {
  const port = await freePort();
  const status = () => ({ isConnected: true, problem: null, jobs: 0 });
  open.push(await serveHealth(port, status));
  await expect(serveHealth(port, status)).rejects.toThrow('EADDRINUSE');
});
