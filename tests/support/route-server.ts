import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { refuseMethod } from '@/lib/http/method-not-allowed';
import { realPath } from '@/lib/http/path-aliases';
import { getServer } from '@/lib/server';
import { sendWeb } from './stream-answer';

type Handler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[]>> },
) => Promise<Response>;

interface Route {
  pattern: RegExp;
  names: string[];
  file: string;
  /** The lowest one that fits answers: fixed names before parameters, and what takes everything last. */
  rank: number;
}

const app = fileURLToPath(new URL('../../app', import.meta.url));

/**
 * The application's own route handlers on a real socket, without Next around them: what they do is what is served,
 * and nothing has to be built. `port` 0 takes a free one.
 */
export async function serveRoutes(
  port = 0,
  host = '127.0.0.1',
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const routes = findRoutes();
  const server = createServer((request, response) => {
    if (refuseMethod(request, response)) return;
    getServer()
      .then((server) => server.trustProxies(request))
      .then(() => answer(routes, request, response))
      .catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const taken = address && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://${host}:${taken}`,
    port: taken,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function findRoutes(): Route[] {
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|\/)route\.ts$/.test(file),
  );
  return files
    .map((file) => {
      const names: string[] = [];
      const source = path
        .dirname(file)
        .replace(/\[(\.\.\.)?(\w+)\]/g, (_, isAll: string | undefined, name: string) => {
          names.push(name);
          return isAll ? '(.+)' : '([^/]+)';
        });
      return {
        pattern: new RegExp(`^/${source}$`),
        names,
        file: path.join(app, file),
        // The one that says more of the path comes first.
        rank: file.includes('[...')
          ? 100 - file.split('/').length
          : names.length - file.split('/').length / 100,
      };
    })
    .sort((a, b) => a.rank - b.rank);
}

async function answer(routes: Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  // As the rewrites in `next.config.ts` do.
  const pathname = realPath(url.pathname);
  const route = routes.find(({ pattern }) => pattern.test(pathname));
  const handlers: Record<string, Handler> = route ? await import(/* @vite-ignore */ route.file) : {};
  const handle = handlers[request.method ?? 'GET'];
  if (!route || !handle) {
    response.writeHead(404).end();
    return;
  }
  const values = route.pattern.exec(pathname)?.slice(1).map(decodeURIComponent) ?? [];
  const params = Object.fromEntries(route.names.map((name, index) => [name, values[index] ?? '']));
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const answered = await handle(
    new Request(url, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
    }),
    { params: Promise.resolve(params) },
  );
  await sendWeb(request, response, answered);
}
