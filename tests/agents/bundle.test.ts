import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelNames } from '@/lib/backends/labels';
import { buildToolbox } from '@/lib/cli/toolbox';
import { leftovers } from '../backends/docker-harness';
import { describeWith } from '../support/requirements';
import { startAgentProcess, startControlPlane, type TestAgent, type TestControlPlane } from './control-plane';
import { ended, launch, texts } from './executions';

const suite = `
steps:
  db: { kind: service, run: "sleep 300", ready: { exec: "true" } }
  check: { kind: test, run: "echo from the bundle", after: [db] }
`;

describeWith(['docker'], 'the agent as one file', () => {
  const docker = new Docker();
  let plane: TestControlPlane;
  let folder: string;
  let agent: TestAgent | undefined;

  beforeAll(async () => {
    await buildToolbox({ docker, log: () => {} });
    plane = await startControlPlane({}, { bundled: suite });
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-bundle-'));
    const file = path.join(folder, 'gantry-agent.mjs');
    const making = spawn(process.execPath, ['lib/agent/bundle.mjs', file], { stdio: 'inherit' });
    expect(await once(making, 'exit')).toEqual([0, null]);
  });
  afterAll(async () => {
    await agent?.end();
    await plane?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs steps from a folder with nothing else in it, and tells how it is', async () => {
    expect(await readdir(folder)).toEqual(['gantry-agent.mjs']);
    const { token } = await plane.agentToken();
    const port = await freePort();
    agent = startAgentProcess(plane.url, token, { GANTRY_AGENT_HEALTH_PORT: String(port) }, folder);
    await agent.until('registered');
    const execution = await ended(plane, await launch(plane, { suiteId: 'bundled' }));
    expect(execution, agent.output()).toMatchObject({ status: 'passed', receipt: { left: [] } });
    expect(await texts(plane, execution.id, 'check')).toEqual(['from the bundle']);
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok', isConnected: true }]);
    expect(await agent.end('SIGTERM')).toBe(0);
    expect(await leftovers(docker, `${labelNames.execution}=${execution.id}`)).toEqual([]);
  });

  it('ends when it is asked to, also while it knows no control plane', async () => {
    const lost = startAgentProcess(
      `http://127.0.0.1:${await freePort()}`,
      'no-token-at-all-0000',
      {},
      folder,
    );
    await lost.until('trying again');
    expect(await lost.end('SIGTERM')).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address && typeof address === 'object' ? address.port : 0;
}
