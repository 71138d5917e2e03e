import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface RefusingDocker {
  /** For DOCKER_HOST. */
  url: string;
  /** Whether a call that makes a container of this name gets 409, as for one that is taken. */
  refuses(name: string): boolean;
  /** The names of the containers that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

/** Stands before the real daemon; only the conflicts are its own. */
export async function openRefusingDocker(socketPath = '/var/run/docker.sock'): Promise<RefusingDocker> {
  const docker: RefusingDocker = { url: '', refuses: () => false, asked: [], close };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socketPath, allowHalfOpen: true });
    near.on('data', (chunk) => {
      const name = /^POST \S*\/containers\/create\?name=(\S+) /.exec(chunk.toString('latin1'))?.[1];
      if (name) docker.asked.push(name);
      if (name && docker.refuses(name)) {
        far.destroy();
        near.end(conflict(name));
      } else if (!far.destroyed) far.write(chunk);
    });
    near.on('end', () => far.end());
    far.pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  docker.url = `tcp://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  return docker;

  async function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}

function conflict(name: string): string {
  const message = `Conflict. The container name "/${name}" is already in use by container "0123456789ab".`;
  const body = JSON.stringify({ message });
  const head = ['HTTP/1.1 409 Conflict', 'content-type: application/json', 'connection: close'];
  return [...head, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
