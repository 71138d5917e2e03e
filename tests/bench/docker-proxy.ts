import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

export interface DockerProxy {
  /** For DOCKER_HOST. */
  url: string;
  /** When each container was asked for, in milliseconds since the epoch, by its name. */
  created: Map<string, number>;
  close(): Promise<void>;
}

/** Stands before Docker's socket and notes when `create` is called, before it hands the call on. */
export async function openDockerProxy(file: string, target: string): Promise<DockerProxy> {
  const created = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: target, allowHalfOpen: true });
    near.on('data', (chunk) => {
      const call = /^POST (?:\/v[\d.]+)?\/containers\/create\?name=(\S+) /.exec(
        chunk.subarray(0, 300).toString('latin1'),
      );
      if (call?.[1]) created.set(decodeURIComponent(call[1]), performance.timeOrigin + performance.now());
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(file);
  await once(server, 'listening');
  return {
    url: `unix://${file}`,
    created,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(file, { force: true });
    },
  };
}
