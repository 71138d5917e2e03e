import { createServer, type Server } from 'node:net';
import type { ServiceAddress } from '../../model/step-spec';

export type PortMap = Record<string, Record<string, number>>;

/** A free loopback port for every declared port of every service, none of them in `taken`. */
export async function allocatePorts(
  services: readonly ServiceAddress[],
  taken: ReadonlySet<number>,
): Promise<PortMap> {
  const ports: PortMap = {};
  const held: Server[] = [];
  try {
    for (const { stepId, ports: declared } of services) {
      const own: Record<string, number> = {};
      for (const port of declared) own[port] = await holdFreePort(held, taken);
      ports[stepId] = own;
    }
    return ports;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** Holds it until all are found, so that the system does not give the same one again. */
async function holdFreePort(held: Server[], taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await listen(server);
    held.push(server);
    if (!taken.has(port)) return port;
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      const address = server.address();
      if (address && typeof address === 'object') resolve(address.port);
      else reject(new Error('the system gave no port'));
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
