import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { engineSocket } from '../support/engine-socket';

/** How a call is answered in the engine's place. */
export type Lie = number | 'cut' | 'empty' | 'silence';

export interface LyingEngine {
  /** For DOCKER_HOST. */
  url: string;
  /** What is answered to a call; null passes it on. */
  answer(call: EngineCall): Lie | null;
  /** Every call, in order. */
  calls: EngineCall[];
  close(): Promise<void>;
}

export interface EngineCall {
  /** Method and path, with `ID` for names and ids and without version and query: `POST /containers/ID/wait`. */
  kind: string;
  /** With all of it. */
  url: string;
}

/** Stands before the real engine and passes on what it does not answer itself. */
export async function openLyingEngine(socketPath = engineSocket()): Promise<LyingEngine> {
  const sockets = new Set<Socket>();
  const engine: LyingEngine = { url: '', answer: () => null, calls: [], close };

  const server = createServer((incoming, outgoing) => {
    const lie = listen(incoming);
    if (lie !== null) return tell(lie, incoming, outgoing);
    const { method, url, headers } = incoming;
    const passed = ask({ socketPath, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.on('upgrade', (incoming: IncomingMessage, near: Socket) => {
    near.on('error', () => undefined);
    const lie = listen(incoming);
    if (lie !== null) return tellSocket(lie, near);
    const { method, url, headers } = incoming;
    const passed = ask({ socketPath, method, path: url, headers });
    passed.on('upgrade', (answer, far, head) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      near.write(['HTTP/1.1 101 UPGRADED', ...lines, '', ''].join('\r\n'));
      near.write(head);
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      far.pipe(near);
      near.pipe(far);
    });
    passed.on('error', () => near.destroy());
    passed.end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  engine.url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return engine;

  function listen({ method = '', url = '' }: IncomingMessage): Lie | null {
    const call = { kind: kindOf(method, url), url };
    engine.calls.push(call);
    return engine.answer(call);
  }

  async function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}

function kindOf(method: string, url: string): string {
  const [path = ''] = url.split('?');
  const [resource = '', id, ...rest] = path
    .replace(/^\/v[\d.]+/, '')
    .split('/')
    .slice(1);
  const isAct = id === undefined || ['create', 'json'].includes(id);
  return `${method} /${[resource, ...(isAct ? [id ?? []].flat() : ['ID']), ...rest.slice(-1)].join('/')}`;
}

function tell(lie: Lie, incoming: IncomingMessage, outgoing: ServerResponse): void {
  // A body that nobody reads would keep the caller from hearing the answer.
  incoming.resume();
  if (lie === 'silence') return;
  if (lie === 'cut') return void incoming.socket.destroy();
  if (lie === 'empty') return void outgoing.writeHead(200, { 'content-length': 0 }).end();
  outgoing
    .writeHead(lie, { 'content-type': 'application/json' })
    .end(JSON.stringify({ message: `the test says ${lie}` }));
}

function tellSocket(lie: Lie, socket: Socket): void {
  if (lie === 'silence') return;
  if (lie === 'cut') return void socket.destroy();
  const status = lie === 'empty' ? '200 OK' : `${lie} Refused`;
  const body = lie === 'empty' ? '' : JSON.stringify({ message: `the test says ${lie}` });
  socket.end(
    [`HTTP/1.1 ${status}`, 'content-type: application/json', `content-length: ${body.length}`, '', body].join(
      '\r\n',
    ),
  );
}
