import { once } from 'node:events';
import { createServer } from 'node:http';

export interface FailingRegistry {
  /** `127.0.0.1:PORT`: Docker speaks plain HTTP to it. */
  host: string;
  /** When a manifest was asked for and refused, as milliseconds of `performance.now()`; a pull asks twice. */
  refusedAtMs: number[];
  /** What the next questions for manifests are answered with; once they are used up, the last one for ever. */
  answers: { status: number; body: object }[];
  close(): Promise<void>;
}

/** A registry of the test's own that has no image and says so in the given ways. */
export async function openFailingRegistry(): Promise<FailingRegistry> {
  const registry: FailingRegistry = { host: '', refusedAtMs: [], answers: [], close };
  const server = createServer((request, response) => {
    if (request.url === '/v2/') return response.end('{}');
    registry.refusedAtMs.push(performance.now());
    const answer = registry.answers.length > 1 ? registry.answers.shift() : registry.answers[0];
    response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(answer?.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  registry.host = `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  return registry;

  async function close(): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
