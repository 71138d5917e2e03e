import type { ServerResponse } from 'node:http';
import { type FrameStream, isFrameStream, type PlainResult, type RouteResult } from './route-result';
import { sseHeaders } from './sse';
import type { SseWriter } from './sse-writer';

/** The headers that Next adds to every answer of the API: see `next.config.ts`. */
const commonHeaders = {
  'content-security-policy': "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
};

/** Sends a result to the socket: the adapter for `npm start`, where a stream costs a third of what it costs in Next. */
export async function sendResult(
  result: RouteResult,
  response: ServerResponse,
  { sse }: { sse: SseWriter },
): Promise<void> {
  if (isFrameStream(result)) {
    sendFrames(result, response, sse);
    return;
  }
  const { status, headers, text } = await plain(result);
  const length = text === null ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...commonHeaders, ...headers, ...length });
  response.end(text ?? undefined);
}

function sendFrames(stream: FrameStream, response: ServerResponse, sse: SseWriter): void {
  // The client may have left while the route looked at who it is.
  if (response.destroyed) return;
  response.writeHead(200, { ...commonHeaders, ...sseHeaders });
  const opened = sse.open(stream, {
    write: (chunk) => response.write(chunk),
    end: () => response.end(),
    destroy: () => response.destroy(),
  });
  response.on('drain', opened.onDrain);
  response.on('close', opened.onClose);
}

async function plain(result: Response | PlainResult): Promise<PlainResult> {
  if (!(result instanceof Response)) return result;
  const { status, headers } = result;
  return {
    status,
    headers: Object.fromEntries(headers),
    text: status === 204 ? null : await result.text(),
  };
}
