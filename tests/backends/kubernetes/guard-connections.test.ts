import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCluster } from '@/lib/backends/kubernetes/cluster';
import { execInPod } from '@/lib/backends/kubernetes/exec';
import { guardConnections } from '@/lib/backends/kubernetes/guard-connections';
import { systemClock } from '@/lib/clock';

const clock = systemClock;
let server: Server;
let connections: number;
beforeEach(async () => {
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

/** As of a name that led elsewhere when the kubeconfig was saved. */
function kubeconfig(host: string): KubeConfig {
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: `https://${host}:${port}`, skipTLSVerify: false },
    { name: 'u', token: 'the-token' },
  );
  return config;
}

it.each(['localhost', '127.0.0.1'])('makes no connection to this machine by %s', async (host) => {
  const cluster = openCluster({ clock }, async () => guardConnections(kubeconfig(host)));
  const refused = {
    message: expect.stringMatching(/leads to (127\.0\.0\.1|::1), which belongs to this machine itself/),
  };
  await expect(cluster.request('tell its version', '/version')).rejects.toMatchObject({
    code: 'backend_unavailable',
    ...refused,
  });
  await expect(cluster.open('watch', '/api', {}, new AbortController().signal)).rejects.toMatchObject(
    refused,
  );
  const target = { namespace: 'n', pod: 'p', container: 'main' };
  await expect(execInPod({ clock, cluster }, target, ['true'], 5_000)).rejects.toMatchObject(refused);
  expect(connections).toBe(0);
});

it('connects there where it may', async () => {
  const cluster = openCluster({ clock }, async () => kubeconfig('localhost'));
  await expect(cluster.request('tell its version', '/version')).rejects.toThrow('ended the connection');
  const target = { namespace: 'n', pod: 'p', container: 'main' };
  await expect(execInPod({ clock, cluster }, target, ['true'], 5_000)).rejects.toThrow();
  expect(connections).toBeGreaterThanOrEqual(2);
});

it('connects to what is not this machine, by its name', async () => {
  const config = guardConnections(kubeconfig('gantry.invalid'));
  const cluster = openCluster({ clock }, async () => config);
  await expect(cluster.request('tell its version', '/version')).rejects.toThrow('cannot be resolved');
});
