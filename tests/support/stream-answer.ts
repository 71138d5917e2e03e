import { once } from 'node:events';
import { createServer } from 'node:http';
import { takeStreams } from '@/lib/cli/take-streams.mjs';
import type { SseDesk } from '@/lib/http/sse-desk';

/** Serves the answers of `answer` on a real socket, streams through the desk. */
export async function serveAnswers(
  sse: SseDesk,
  answer: (request: Request) => Promise<Response> | Response,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    takeStreams(request, response, async () => sse);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const { accept = '' } = request.headers;
    const answered = await answer(new Request(url, { headers: { accept } }));
    for (const [name, value] of answered.headers) response.setHeader(name, value);
    response.end(await answered.text());
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
