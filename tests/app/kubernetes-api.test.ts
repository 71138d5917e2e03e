import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { type Environment, type ExecProgress, inventory } from '@/lib/model/environment';
import type { Execution } from '@/lib/model/execution';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { leftovers, nodeAddress, testCluster, testKubeconfig } from '../backends/kubernetes-harness';
import { describeWith } from '../support/requirements';

// Random, so that it cannot be compressed.
const large = randomBytes(28 * 1024 * 1024);
const hash = `
  const hash = require('crypto').createHash('sha256').update(require('fs').readFileSync('large.bin'));
  console.log(hash.digest('hex'));`;
const step = { kind: 'task', image: toolboxImage, run: ['node', '-e', hash] };
const serve = `
  console.log('listening');
  console.error('warned');
  require('http').createServer((_, response) => response.end('still here')).listen(8080);
  process.on('SIGTERM', () => process.exit(0));`;
const api = {
  kind: 'service',
  image: toolboxImage,
  run: ['node', '-e', serve],
  ports: [8080],
  ready: { tcp: 8080 },
};
const broken = { api, check: { kind: 'test', image: toolboxImage, run: 'exit 3', after: ['api'] } };

describeWith(['docker', 'kubernetes'], 'a cluster that was given over the API', () => {
  let folder: string;
  let plane: TestControlPlane;
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-large-'));
    await mkdir(path.join(folder, 'large'));
    await writeFile(path.join(folder, 'large', 'suite.yaml'), JSON.stringify({ steps: { hash: step } }));
    await writeFile(path.join(folder, 'large', 'large.bin'), large);
    await mkdir(path.join(folder, 'broken'));
    await writeFile(path.join(folder, 'broken', 'suite.yaml'), JSON.stringify({ steps: broken }));
    // The cluster of the tests is on this machine.
    const env = { GANTRY_SUITES: folder, GANTRY_ALLOW_PRIVATE_ADDRESSES: '1' };
    plane = await startControlPlane(env, {}, '0.0.0.0');
  });
  afterAll(async () => {
    const selector = selectorText(selectorOf(plane.server().store.installation.id));
    await plane.close();
    await rm(folder, { recursive: true });
    expect(await leftovers(testCluster(), selector)).toEqual([]);
  });

  function put(text: string, controlPlaneUrl: string | null): Promise<Response> {
    const kubernetes = { kubeconfig: { from: 'inline', text }, controlPlaneUrl };
    const cluster = {
      id: 'staging',
      kind: 'kubernetes',
      label: 'Staging',
      default: true,
      enabled: true,
      kubernetes,
    };
    return plane.call('/api/v1/platform-settings', {
      method: 'PUT',
      body: JSON.stringify({ backends: [cluster], env: {} }),
      headers: { 'content-type': 'application/json' },
    });
  }

  async function run(suiteId: string, more: object = {}): Promise<Execution> {
    const launched = await plane.post('/api/v1/executions', { suiteId, backend: 'staging', ...more });
    expect(launched.status).toBe(201);
    const { id } = await launched.json();
    // Its stream ends with the execution.
    await (
      await plane.call(`/api/v1/executions/${id}/events`, { headers: { accept: 'text/event-stream' } })
    ).text();
    return (await plane.call(`/api/v1/executions/${id}`)).json();
  }

  test('is refused with a program, which is not run', async () => {
    const trace = path.join(folder, 'trace');
    const config = JSON.parse(inlineKubeconfig());
    config.users[0].user = {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [trace] },
    };
    const answer = await put(JSON.stringify(config), null);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'bad_request',
      errors: [{ path: 'backends.0.kubernetes.kubeconfig', message: expect.stringContaining('`exec`') }],
    });
    const suites = await plane.call('/api/v1/executions/launch-suites');
    expect(await suites.text()).not.toContain('staging');
    expect(existsSync(trace)).toBe(false);
  });

  test('runs a suite whose package is too large for Secrets, once pods know the way to Gantry', {
    timeout: 300_000,
  }, async () => {
    const answer = await put(inlineKubeconfig(), null);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/client-key-data|certificate-authority/);
    expect(await backends()).toMatchObject([{ id: 'staging', kind: 'kubernetes', available: true }]);
    const lost = await run('large');
    expect(lost).toMatchObject({ status: 'errored', receipt: { left: [] } });
    expect(lost.steps[0]?.result?.reason).toContain('set controlPlaneUrl in the cluster');

    const url = `http://${await nodeAddress()}:${new URL(plane.url).port}/`;
    expect((await put('***', url)).status).toBe(200);
    const execution = await run('large');
    expect(execution).toMatchObject({ status: 'passed', cause: null, receipt: { left: [] } });
    const logs = await plane.call(`/api/v1/executions/${execution.id}/logs?stream=stdout&limit=10`, {
      headers: { accept: 'application/json' },
    });
    const { items } = await logs.json();
    expect(items.map(({ text }: { text: string }) => text)).toEqual([
      createHash('sha256').update(large).digest('hex'),
    ]);
  });

  test('keeps what a failure leaves behind, for people to look into', async () => {
    expect((await put(inlineKubeconfig(), null)).status).toBe(200);
    const { id, status, receipt } = await run('broken', { keep: 'on_failure', keepForMs: 3_600_000 });
    expect({ status, receipt }).toEqual({ status: 'failed', receipt: null });
    const resource = `gantry-${id}-api-1`;
    const [kept] = await environments();
    expect(kept).toMatchObject({ id, state: 'kept' });
    expect(kept?.resources.find(({ name }) => name === resource)).toMatchObject({
      kind: 'pod',
      state: 'running',
      shell: `kubectl exec -n gantry-${id} -it ${resource} -c main -- sh`,
    });
    // Who comes back finds it as it was.
    await plane.stop();
    await plane.start();
    const at = `/api/v1/sandboxes/${id}`;
    const command = 'echo "$GANTRY_STEP"; wget -qO- http://api:8080; echo no >&2; exit 5';
    const { items } = await (await plane.post(`${at}/exec`, { resource, command })).json();
    expect(textOf(items, 'stdout')).toBe('api\nstill here');
    expect(textOf(items, 'stderr')).toBe('no\n');
    expect(items.at(-1)).toEqual({ type: 'exit', exitCode: 5 });
    const lines = await plane.call(`${at}/logs?resource=${resource}`);
    expect((await lines.text()).split('\n').sort()).toEqual(['', 'listening', 'warned']);
    for (const [name, code] of [
      ['gantry-none', 404],
      [`../pods/${resource}`, 400],
      [`gantry-${id}-check-1`, 409],
    ]) {
      expect((await plane.post(`${at}/exec`, { resource: name, command })).status).toBe(code);
    }

    await leaveWhileItRuns(`${at}/exec`, { resource, command: 'echo begun; exec sleep 12345' });
    const sleepers = { resource, command: 'ps -o args | grep -c "[s]leep 12345"; true' };
    await expect
      .poll(async () => textOf((await (await plane.post(`${at}/exec`, sleepers)).json()).items, 'stdout'))
      .toBe('0\n');

    const extended = await plane.post(`${at}/extend`, { forMs: 3 * 24 * 3_600_000 });
    const { keptUntil } = await extended.json();
    expect((await environments())[0]).toMatchObject({ keptUntil, deadline: keptUntil });
    const released = await plane.post(`${at}/reap`, {});
    expect(await released.json()).toMatchObject({ receipt: { left: [] } });
  });

  test('is not connected to when its name has come to mean this machine', async () => {
    const config = JSON.parse(inlineKubeconfig());
    config.clusters[0].cluster.server = config.clusters[0].cluster.server.replace('127.0.0.1', 'localhost');
    expect((await put(JSON.stringify(config), null)).status).toBe(200);
    const [near] = await backends();
    expect(near).toMatchObject({ available: true });
    await plane.stop();
    process.env.GANTRY_ALLOW_PRIVATE_ADDRESSES = '0';
    await plane.start();
    const [far] = await backends();
    expect(far).toMatchObject({
      available: false,
      reason: expect.stringContaining('belongs to this machine itself'),
    });
  });

  async function backends(): Promise<object[]> {
    const [suite] = await (await plane.call('/api/v1/executions/launch-suites')).json();
    return suite.backends;
  }

  async function environments(): Promise<Environment[]> {
    return inventory.parse(await (await plane.call('/api/v1/sandboxes')).json()).environments;
  }

  /** Resolves when the command runs and its client has left. */
  async function leaveWhileItRuns(at: string, body: object): Promise<void> {
    const client = new AbortController();
    const answer = await plane.call(at, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      signal: client.signal,
    });
    let heard = '';
    for await (const chunk of answer.body ?? []) {
      heard += Buffer.from(chunk).toString();
      if (heard.includes('begun')) break;
    }
    client.abort();
  }
});

function textOf(items: ExecProgress[], stream: 'stdout' | 'stderr'): string {
  return items.map((item) => (item.type === 'output' && item.stream === stream ? item.text : '')).join('');
}

/** The kubeconfig of the tests, with its certificates in it. */
function inlineKubeconfig(): string {
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  return config.exportConfig();
}
