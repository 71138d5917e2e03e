import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { nodeAddress, testKubeconfig } from '../backends/kubernetes-harness';

/** A name of the API server that its certificate has too. */
export const apiServerName = 'kubernetes.default.svc';

export interface Crossing {
  /** The same URL as pods reach it: through a port of this machine at the node's address. */
  through(url: string): Promise<string>;
  throughToApiServer(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}

/** Lets pods reach what listens on the loopback of this machine only. */
export async function openCrossing(): Promise<Crossing> {
  const address = await nodeAddress();
  const doors: Server[] = [];
  const open = async (host: string, port: number): Promise<number> => {
    const door = createServer((near) => {
      const far = connect(port, host);
      near.pipe(far).pipe(near);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    doors.push(door);
    door.listen(0, '0.0.0.0');
    await once(door, 'listening');
    return (door.address() as AddressInfo).port;
  };
  return {
    async through(text) {
      const url = new URL(text);
      url.port = String(await open(url.hostname, Number(url.port)));
      url.hostname = address;
      return url.href;
    },
    async throughToApiServer() {
      const config = new KubeConfig();
      config.loadFromFile(testKubeconfig);
      const { hostname, port } = new URL(config.getCurrentCluster()?.server ?? '');
      return { address, port: await open(hostname, Number(port)) };
    },
    async close() {
      for (const door of doors) door.close();
    },
  };
}
