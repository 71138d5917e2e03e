import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { selectorOf, selectorText } from '@/lib/backends/kubernetes/names';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import type { Execution } from '@/lib/model/execution';
import { startControlPlane, type TestControlPlane } from '../agents/control-plane';
import { leftovers, testCluster, testKubeconfig } from '../backends/kubernetes-harness';
import { describeWith } from '../support/requirements';

// Random, so that it cannot be compressed.
const large = randomBytes(28 * 1024 * 1024);
const hash = `
  const hash = require('crypto').createHash('sha256').update(require('fs').readFileSync('large.bin'));
  console.log(hash.digest('hex'));`;
const nodes = z.object({
  items: z.array(
    z.object({
      status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })) }),
    }),
  ),
});
const step = { kind: 'task', image: toolboxImage, run: ['node', '-e', hash] };

describeWith(['docker', 'kubernetes'], 'a cluster that was given over the API', () => {
  let folder: string;
  let plane: TestControlPlane;
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-large-'));
    await mkdir(path.join(folder, 'large'));
    await writeFile(path.join(folder, 'large', 'suite.yaml'), JSON.stringify({ steps: { hash: step } }));
    await writeFile(path.join(folder, 'large', 'large.bin'), large);
    // The cluster of the tests is on this machine.
    const env = { GANTRY_SUITES: folder, GANTRY_ALLOW_PRIVATE_ADDRESSES: '1' };
    plane = await startControlPlane(env, {}, '0.0.0.0');
  });
  afterAll(async () => {
    const selector = selectorText(selectorOf(plane.server().store.installation.id));
    expect(await leftovers(testCluster(), selector)).toEqual([]);
    await plane.close();
    await rm(folder, { recursive: true });
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

  async function run(suiteId: string): Promise<Execution> {
    const launched = await plane.post('/api/v1/executions', { suiteId, backend: 'staging' });
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
    timeout: 180_000,
  }, async () => {
    const answer = await put(inlineKubeconfig(), null);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/client-key-data|certificate-authority/);
    const [suite] = await (await plane.call('/api/v1/executions/launch-suites')).json();
    expect(suite.backends).toMatchObject([{ id: 'staging', kind: 'kubernetes', available: true }]);
    const lost = await run('large');
    expect(lost).toMatchObject({ status: 'errored', receipt: { left: [] } });
    expect(lost.steps[0]?.result?.reason).toContain('set controlPlaneUrl in the cluster');

    const url = `http://${await addressForPods()}:${new URL(plane.url).port}/`;
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
});

/** The only node is this machine. */
async function addressForPods(): Promise<string> {
  const [node] = nodes.parse(await testCluster().ask('list nodes', '/api/v1/nodes')).items;
  return node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/** The kubeconfig of the tests, with its certificates in it. */
function inlineKubeconfig(): string {
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  return config.exportConfig();
}
