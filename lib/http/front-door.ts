import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Handler } from './route';

/**
 * Answers what is asked for thousands of times a second with the very handler that Next would call, and without
 * what Next does around it, which costs several times as much as the handler. A route comes here when Next has
 * called its handler for the first time.
 */
export interface FrontDoor {
  /** `pattern`: a path whose segments in brackets are parameters, as Next writes them. */
  open(pattern: string, handler: Handler): void;
  /** Answers the request, or false: then it is Next's. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Larger bodies are read as they come, by Next. */
const mostBytes = 256 * 1024;

export function createFrontDoor({ logger }: { logger: Logger }): FrontDoor {
  const doors = new Map<string, { segments: string[]; handler: Handler }>();

  function find(path: string): { handler: Handler; params: Record<string, string> } | null {
    for (const [pattern, { segments, handler }] of doors) {
      if (path === pattern) return { handler, params: {} };
      const params = paramsOf(segments, path.split('/'));
      if (params) return { handler, params };
    }
    return null;
  }

  return {
    open(pattern, handler) {
      doors.set(pattern, { segments: pattern.split('/'), handler });
    },
    take(request, response) {
      const { method, url = '', headers } = request;
      const length = Number(headers['content-length']);
      if (method !== 'POST' || !(length <= mostBytes) || url.includes('?') || url.includes('%')) return false;
      const found = find(url);
      if (!found) return false;
      answer(found, request, response).catch((error: unknown) => {
        logger.debug({ error: messageOf(error) }, 'a request broke off');
        response.destroy();
      });
      return true;
    },
  };
}

function paramsOf(segments: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (segments.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('[') && value !== '') params[segment.slice(1, -1)] = value;
    else if (segment !== value) return null;
  }
  return params;
}

async function answer(
  { handler, params }: { handler: Handler; params: Record<string, string> },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const asked = new Request(`http://${request.headers.host ?? 'localhost'}${request.url}`, {
    method: 'POST',
    headers: headersOf(request),
  });
  // A Request makes a signal of its own that follows the given one, and a stream of the body: half of its cost.
  Object.defineProperty(asked, 'signal', { value: gone.signal });
  const answered = await handler(asked, { params: Promise.resolve(params), body: Buffer.concat(chunks) });
  const text = Buffer.from(await answered.arrayBuffer());
  response.writeHead(answered.status, {
    ...Object.fromEntries(answered.headers),
    'x-content-type-options': 'nosniff',
    ...(answered.status === 204 ? {} : { 'content-length': text.byteLength }),
  });
  response.end(text);
}

/** Whose address is not known by then is told as Next tells it. */
function headersOf(request: IncomingMessage): [string, string][] {
  const headers = { 'x-forwarded-for': request.socket.remoteAddress, ...request.headers };
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
}
