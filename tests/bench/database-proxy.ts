import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  url: string;
  /** Statements that were run, by their text, since the last call. */
  takeCounts(): Map<string, number>;
  close(): Promise<void>;
}

/** Stands before PostgreSQL and counts what is run, from the messages of the protocol. */
export async function openDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let counts = new Map<string, number>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    near.on(
      'data',
      watchStatements((text) => counts.set(text, (counts.get(text) ?? 0) + 1)),
    );
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxied = new URL(url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(address && typeof address === 'object' ? address.port : 0);
  return {
    url: proxied.href,
    takeCounts() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Reads the client's side: Parse gives a statement its text, Bind runs it, Query is both. */
function watchStatements(onRun: (text: string) => void): (chunk: Buffer) => void {
  const texts = new Map<string, string>();
  let rest = Buffer.alloc(0);
  let isStarted = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      // The first message has no type.
      const head = isStarted ? 1 : 0;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      const type = isStarted ? String.fromCharCode(rest[0] ?? 0) : '';
      const parts = rest.toString('utf8', head + 4, end).split('\0', 2);
      const [first = '', second = ''] = parts;
      if (type === 'P') texts.set(first, second);
      if (type === 'B') onRun(texts.get(second) ?? '');
      if (type === 'Q') onRun(first);
      isStarted = true;
      rest = rest.subarray(end);
    }
  };
}
