import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AgentStatus } from './agent-status';

/** `GET /healthz` on this machine alone: 200 while the control plane answers and steps can run, else 503. */
export async function serveHealth(port: number, status: () => AgentStatus): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') {
      response.writeHead(404).end();
      return;
    }
    const now = status();
    const isWell = now.isConnected && now.problem === null;
    response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: isWell ? 'ok' : 'unwell', ...now }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
