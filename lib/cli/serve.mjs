#!/usr/bin/env node
// `npm start`: Next's server in this process. Plain JavaScript, because nothing compiles it.
import { access, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

// By itself V8 lets the heap grow to four times what lives before it cleans up: hundreds of megabytes while a step
// prints without end.
v8.setFlagsFromString('--heap-growing-percent=70');

const root = fileURLToPath(new URL('../..', import.meta.url));
const dev = process.argv.includes('--dev');
process.env.NODE_ENV = dev ? 'development' : 'production';
process.env.NEXT_TELEMETRY_DISABLED = '1';
process.env.GANTRY_DATA = path.resolve(process.env.GANTRY_DATA || '.gantry');
process.env.GANTRY_SUITES = (process.env.GANTRY_SUITES || path.join(root, 'suites'))
  .split(path.delimiter)
  .map((folder) => path.resolve(folder))
  .join(path.delimiter);
process.chdir(root);
// Next's `instrumentation.ts` starts the server; it is this file that ends it.
globalThis.gantryLauncher = true;

await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

async function main() {
  if (!dev) {
    await access(path.join(root, '.next', 'BUILD_ID')).catch(() => {
      throw new Error(
        'Gantry is not built yet. Run `npm run build`, or `npm run quickstart` for everything at once.',
      );
    });
  }
  const host = process.env.GANTRY_HOST || '127.0.0.1';
  const wanted = Number(process.env.PORT || 3000);
  if (!(Number.isInteger(wanted) && wanted >= 0 && wanted <= 65_535)) {
    throw new Error(
      `Gantry cannot start with these settings:\n  PORT: expected a port from 0 to 65535, found ${JSON.stringify(process.env.PORT)}`,
    );
  }
  // Before the port is open: a request that nobody answers would hang for ever, and so would its client.
  let begin;
  const ready = new Promise((resolve) => {
    begin = resolve;
  });
  let directRoutes;
  let refuseMethod;
  let trustProxies;
  const http = createServer((request, response) => {
    if (!isReadable(request.url)) return refusePath(response);
    trustProxies?.(request);
    if (directRoutes?.handle(request, response)) return;
    if (refuseMethod?.(request, response)) return;
    void ready.then((handle) => {
      if (trustProxies) return handle(request, response);
      // Until the server is there only pages and files are, and nothing says where they are asked from.
      delete request.headers['x-forwarded-for'];
      return handle(request, response);
    });
  });
  // Whoever asks over a connection that is being closed gets no answer: so it is clients and proxies, most of which give
  // an idle one a minute at the most, that close it first, and not a server that is late.
  http.keepAliveTimeout = 75_000;
  const port = await listen(http, host, wanted, process.argv.includes('--any-port'));
  process.env.PORT = String(port);
  let isStopping = false;
  const stop = () => {
    if (!isStopping) void close(http);
    isStopping = true;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Whoever started it for one run holds its standard input open: when that one is gone, this has no use.
  if (process.argv.includes('--with-parent')) process.stdin.resume().once('close', stop);

  if (!dev) await takeBuiltConfig();
  const { default: next } = await import('next');
  const app = next({ dev, dir: root, hostname: host, port, httpServer: http });
  const handle = app.getRequestHandler();
  await app.prepare();
  begin(handle);
  // Next starts `instrumentation.ts` on its own and does not tell; it sets this before it awaits anything.
  while (!globalThis.gantryServer) await new Promise((resolve) => setTimeout(resolve, 5));
  const server = await globalThis.gantryServer;
  refuseMethod = server.refuseMethod;
  trustProxies = server.trustProxies;
  // Next compiles a route anew when its source changes.
  if (!dev) directRoutes = server.directRoutes;
  const url = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
  await writeFile(
    path.join(process.env.GANTRY_DATA, 'server.json'),
    `${JSON.stringify({ url, pid: process.pid })}\n`,
  );
  console.log(`Gantry is ready at ${url}`);
  if (server.newAdminToken) {
    console.log(
      `First start: an admin token was made and is kept in ${path.join(process.env.GANTRY_DATA, 'admin-token')}`,
    );
    console.log(`  ${server.newAdminToken}`);
    console.log(`Sign in once, within a day, at ${url}/sign-in#${await server.newSignInToken()}`);
  }
}

/** An installed package and the standalone folder have no `next.config.ts`: Next takes what the build has read of it. */
async function takeBuiltConfig() {
  const isThere = await access(path.join(root, 'next.config.ts')).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const built = JSON.parse(await readFile(path.join(root, '.next', 'required-server-files.json'), 'utf8'));
  process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(built.config);
}

function isReadable(url) {
  try {
    decodeURIComponent(url.split('?', 1)[0]);
    return true;
  } catch {
    return false;
  }
}

/** Next would answer 500 to a path whose escapes are not UTF-8. */
function refusePath(response) {
  const problem = {
    type: 'urn:gantry:problem:bad_request',
    title: 'Bad request',
    status: 400,
    code: 'bad_request',
    detail: 'The path is not valid: expected escapes of UTF-8.',
  };
  response.writeHead(400, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(problem));
}

function listen(http, host, port, takeNext) {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      if (takeNext && port < 65535) return resolve(listen(http, host, port + 1, takeNext));
      reject(
        new Error(
          `Port ${port} on ${host} is taken. Choose another one with PORT=..., or stop what uses it.`,
        ),
      );
    });
    http.listen(port, host, () => resolve(http.address().port));
  });
}

/** Streams first, then executions and database, then the sockets; 20 s at the most. */
async function close(http) {
  const limit = setTimeout(() => {
    console.error('Gantry did not stop within 20 s and ends now; what runs is adopted at the next start.');
    process.exit(1);
  }, 20_000);
  try {
    http.close();
    const server = await globalThis.gantryServer;
    await server?.close();
    http.closeAllConnections();
    clearTimeout(limit);
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
