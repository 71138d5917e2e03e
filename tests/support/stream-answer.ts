import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeToNodeResponse } from 'next/dist/server/pipe-readable';
import { sendResult } from '@/lib/http/node-response';
import type { RouteResult } from '@/lib/http/route-result';
import type { SseWriter } from '@/lib/http/sse-writer';
import { toWebResponse } from '@/lib/http/web-response';

/** How a route's result comes to the socket: as Next sends a `Response`, or as `npm start` sends it itself. */
export const adapters = ['web', 'node'] as const;
export type Adapter = (typeof adapters)[number];

/** Serves the results of `answer` on a real socket through one of the adapters. */
export async function serveAnswers(
  adapter: Adapter,
  sse: SseWriter,
  answer: (request: Request) => Promise<RouteResult> | RouteResult,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const { accept = '' } = request.headers;
    const result = await answer(new Request(url, { headers: { accept } }));
    if (adapter === 'node') await sendResult(result, response, { sse });
    else await sendWeb(request, response, toWebResponse(result, { sse }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends a `Response` with Next's own code for it. */
export async function sendWeb(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Response,
): Promise<void> {
  // There may be several cookies, each with a header of its own.
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.statusCode = answer.status;
  if (answer.body && request.method !== 'HEAD') await pipeToNodeResponse(answer.body, response);
  else response.end();
}
