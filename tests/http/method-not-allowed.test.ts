import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseMethod } from '@/lib/http/method-not-allowed';
import { findApiRoutes } from '../support/api-routes';

const server = createServer((asked, response) => {
  if (!refuseMethod(asked, response)) response.writeHead(200).end('next');
});
let port: number;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = address && typeof address === 'object' ? address.port : 0;
});
afterAll(() => server.close());

/** By a client that takes any method. */
async function ask(method: string, path: string) {
  const sent = request({ port, method, path, agent: false }).end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

describe('A method that a path does not have', () => {
  it('is refused at every route of the application, and no other is', async () => {
    const routes = await findApiRoutes();
    expect(routes.length).toBeGreaterThan(50);
    for (const route of routes) {
      const last = route.takesSlashes ? 'a/b' : 'a';
      const path = route.path.replace(/\{\w+\}$/, last).replace(/\{\w+\}/g, 'a');
      const answers = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'].map(async (method) => [
        method,
        (await ask(method, path)).status,
      ]);
      const expected = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'].map((method) => [
        method,
        route.handlers.has(method) ? 200 : 405,
      ]);
      expect([path, ...(await Promise.all(answers))]).toEqual([path, ...expected]);
    }
  });

  it('is told with what the path has, as a problem', async () => {
    const { status, headers, text } = await ask('PATCH', '/api/v1/executions?limit=1');
    expect(status).toBe(405);
    expect(headers).toMatchObject({
      allow: 'GET, HEAD, OPTIONS, POST',
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(JSON.parse(text)).toEqual({
      type: 'urn:gantry:problem:method_not_allowed',
      title: 'Method not allowed',
      status: 405,
      code: 'method_not_allowed',
      detail: '/api/v1/executions has no PATCH, only GET, HEAD, OPTIONS, POST.',
    });
  });

  it.each([
    ['HEAD', '/api/v1/executions', 200],
    ['OPTIONS', '/api/v1/executions', 200],
    ['HEAD', '/api/v1/executions/preview', 405],
    ['OPTIONS', '/api/v1/executions/preview', 200],
    ['TRACE', '/api/v1/executions', 405],
    ['PROPFIND', '/healthz', 405],
    ['PROPFIND', '/api/v1/none', 404],
    ['PATCH', '/api/v1/none', 200],
    ['GET', '/api/v1/executions//events', 200],
    ['POST', '/agents', 200],
    ['PROPFIND', '/launch', 200],
    ['DELETE', '/api/v1/agents/tokens', 405],
    ['POST', '/api/v1/agents/tokens/drain', 405],
    ['POST', '/api/v1/executions/a/steps/b/c/d', 405],
    ['GET', '/agent-control/claims/next', 405],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status);
  });
});
