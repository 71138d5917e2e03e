import { once } from 'node:events';
import { createServer, type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';

export interface CountingProxy {
  /** A kubeconfig whose requests come through here, as the given one's user. */
  kubeconfig: string;
  /** What has come: `GET /api/v1/pods?watch=true`. */
  requests: string[];
  close(): Promise<void>;
}

/** Stands before an API server, passes all on with the user of this kubeconfig's text, and remembers each request. */
export async function openCountingProxy(kubeconfig: string): Promise<CountingProxy> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const target = new URL(config.getCurrentCluster()?.server ?? '');
  const credentials: RequestOptions = {};
  await config.applyToHTTPSOptions(credentials);
  const requests: string[] = [];
  const send = target.protocol === 'https:' ? secureRequest : plainRequest;
  const pass = ({ method, url = '/', headers }: IncomingMessage) => {
    requests.push(`${method} ${url}`);
    const { authorization: _, host: __, ...rest } = headers;
    return send(new URL(url, target), {
      ...credentials,
      method,
      headers: { ...rest, ...credentials.headers },
    });
  };
  const server = createServer((request, response) => {
    const passed = pass(request);
    passed.once('error', () => response.destroy());
    passed.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch has nothing to say for a while, and its reader waits for the head.
      response.flushHeaders();
      pipeline(answer, response, () => {});
    });
    response.once('close', () => passed.destroy());
    pipeline(request, passed, () => {});
  });
  server.on('upgrade', (request, socket) => {
    const passed = pass(request);
    passed.once('error', () => socket.destroy());
    passed.once('response', () => socket.destroy());
    passed.once('upgrade', ({ statusMessage, rawHeaders }, far, head) => {
      const lines = rawHeaders.flatMap((each, at) => (at % 2 === 0 ? `${each}: ${rawHeaders[at + 1]}` : []));
      socket.write(`HTTP/1.1 101 ${statusMessage}\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (head.length > 0) socket.write(head);
      pipeline(far, socket, () => {});
      pipeline(socket, far, () => {});
    });
    passed.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const proxied = new KubeConfig();
  proxied.loadFromClusterAndUser(
    { name: 'counted', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'counted' },
  );
  return {
    kubeconfig: proxied.exportConfig(),
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
