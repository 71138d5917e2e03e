import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { type Cluster, openCluster } from '@/lib/backends/kubernetes/cluster';
import { systemClock } from '@/lib/clock';

export interface ScriptedCluster {
  cluster: Cluster;
  /** Resolves with the next request, when it has come. */
  next(): Promise<ScriptedRequest>;
  close(): Promise<void>;
}

export interface ScriptedRequest {
  path: string;
  query: Record<string, string>;
  /** Answers with the text and ends. */
  answer(text: string, status?: number): void;
  /** Answers with the text and goes on. */
  begin(text: string): void;
  end(): void;
  /** As a connection that breaks. */
  cut(): void;
}

/** An API server whose answers the test gives, one request after the other. */
export async function openScriptedCluster(): Promise<ScriptedCluster> {
  const requests: ScriptedRequest[] = [];
  const waiting: ((request: ScriptedRequest) => void)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://cluster');
    const query = Object.fromEntries(url.searchParams);
    const scripted = { path: url.pathname, query, ...answers(response) };
    const receiver = waiting.shift();
    if (receiver) receiver(scripted);
    else requests.push(scripted);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'scripted', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'nobody' },
  );
  return {
    cluster: openCluster({ clock: systemClock }, async () => config),
    async next() {
      const request = requests.shift();
      return request ?? new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answers(response: ServerResponse) {
  const head = { 'content-type': 'application/json' };
  return {
    answer: (text: string, status = 200) => void response.writeHead(status, head).end(text),
    begin(text: string) {
      if (!response.headersSent) response.writeHead(200, head);
      response.write(text);
    },
    end: () => void response.end(),
    cut: () => void response.destroy(),
  };
}
