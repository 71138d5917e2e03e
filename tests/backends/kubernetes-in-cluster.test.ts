import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getPod } from '@/lib/backends/kubernetes/attempt-pod';
import { buildToolbox, toolboxImage } from '@/lib/cli/toolbox';
import { describeWith } from '../support/requirements';
import { newExecutionId } from './backend-contract';
import { makeRestrictedAccount } from './kubernetes-account';
import { nodeAddress, testCluster, testKubeconfig } from './kubernetes-harness';

/** A name of the API server that its certificate has too. */
const serverName = 'kubernetes.default.svc';
const root = process.cwd();

describeWith(['docker', 'kubernetes'], 'a control plane that runs in a pod', () => {
  let account: Awaited<ReturnType<typeof makeRestrictedAccount>>;
  let door: Server;
  beforeAll(async () => {
    await buildToolbox({ log: () => undefined });
    [account, door] = await Promise.all([makeRestrictedAccount(true), openDoor()]);
  });
  afterAll(async () => {
    door.close();
    await account.remove();
  });

  test('uses the account of its pod', async () => {
    const cluster = testCluster();
    const { namespace } = account;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const address = door.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    await cluster.request('make a pod', path, {
      method: 'POST',
      body: {
        metadata: { name: 'control-plane' },
        spec: {
          serviceAccountName: 'gantry',
          restartPolicy: 'Never',
          hostAliases: [{ ip: await nodeAddress(), hostnames: [serverName] }],
          volumes: [{ name: 'code', hostPath: { path: root } }],
          containers: [
            {
              name: 'main',
              image: toolboxImage,
              imagePullPolicy: 'IfNotPresent',
              workingDir: root,
              command: ['node', '--import', 'tsx', 'tests/backends/in-cluster.ts'],
              args: [namespace, newExecutionId(), toolboxImage],
              env: [
                { name: 'KUBERNETES_SERVICE_HOST', value: serverName },
                { name: 'KUBERNETES_SERVICE_PORT', value: String(port) },
              ],
              volumeMounts: [{ name: 'code', mountPath: root, readOnly: true }],
            },
          ],
        },
      },
    });
    const phase = async () => (await getPod(cluster, namespace, 'control-plane'))?.status.phase;
    await expect.poll(phase, { timeout: 150_000, interval: 500 }).toMatch(/Succeeded|Failed/);
    const log = String(await cluster.request('read a log', `${path}/control-plane/log`));
    expect(JSON.parse(log)).toMatchObject({
      availability: { available: true },
      outcome: { ended: 'exited', exitCode: 0 },
      lines: ['from a pod'],
      artifacts: [{ path: 'a.txt', text: 'made\n' }],
      receipt: { left: [] },
    });
  });
});

/** The API server of the tests listens where pods cannot reach it. */
async function openDoor(): Promise<Server> {
  const config = new KubeConfig();
  config.loadFromFile(testKubeconfig);
  const { hostname, port } = new URL(config.getCurrentCluster()?.server ?? '');
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return server;
}
