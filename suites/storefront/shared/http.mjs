// What the storefront's services have in common: answering JSON, and reaching each other.
import { createServer } from 'node:http';

/**
 * Serves `routes` — `'GET /orders/:id': async ({ params, query, body, headers }) => ({ status, body })` — under the
 * name that the suite gives the service, until SIGTERM.
 */
export async function serve(name, declaredPort, routes, { onStop = () => {} } = {}) {
  const server = createServer(async (request, response) => {
    const answer = await answerOf(routes, request).catch((error) => {
      console.error(`${name}: ${request.method} ${request.url} failed:`, error);
      return { status: 500, body: { error: String(error.message) } };
    });
    if (response.destroyed) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body ?? null));
  });
  const address = addressOf(name, declaredPort);
  // As a plain process it is reachable from this machine only; in a container from the environment's network.
  const host = address.host === '127.0.0.1' ? '127.0.0.1' : undefined;
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(address.port, host, resolve);
  });
  console.log(`${name} listens on port ${address.port}`);
  process.once('SIGTERM', async () => {
    console.log(`${name} stops`);
    server.close();
    server.closeAllConnections();
    await onStop();
    process.exit(0);
  });
}

/** Calls another service by its name; the answer is `{ status, body }`. */
export async function call(
  name,
  declaredPort,
  method,
  path,
  { body, headers = {}, timeoutMs = 10_000 } = {},
) {
  const { host, port } = addressOf(name, declaredPort);
  const response = await fetch(`http://${host}:${port}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, body: await response.json() };
}

/** Gantry tells every step where a service is; by name and declared port it is found only on a network with names. */
function addressOf(name, declaredPort) {
  const variable = name.toUpperCase();
  return {
    host: process.env[`${variable}_HOST`] ?? name,
    port: Number(process.env[`${variable}_PORT`] ?? declaredPort),
  };
}

async function answerOf(routes, request) {
  const url = new URL(request.url, 'http://storefront');
  for (const [route, handler] of Object.entries(routes)) {
    const [method, pattern] = route.split(' ');
    const params = method === request.method ? match(pattern, url.pathname) : null;
    if (!params) continue;
    const text = await readBody(request);
    const body = text ? JSON.parse(text) : undefined;
    return handler({ params, query: url.searchParams, body, headers: request.headers });
  }
  return { status: 404, body: { error: `there is no ${request.method} ${url.pathname}` } };
}

function match(pattern, path) {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [position, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(given[position]);
    else if (part !== given[position]) return null;
  }
  return params;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
