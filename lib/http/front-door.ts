import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Asked, PlainAnswer } from './asked';
import type { Answerer } from './route';

/**
 * Answers what is asked for thousands of times a second with the very route that Next would call, and without
 * what Next does around it, which costs several times as much as the route. A route comes here when Next has
 * called its handler for the first time.
 */
export interface FrontDoor {
  /** `pattern`: a path whose segments in brackets are parameters, as Next writes them. */
  open(pattern: string, answerer: Answerer): void;
  /** Answers the request, or false: then it is Next's. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Larger bodies are read as they come, by Next. */
const mostBytes = 256 * 1024;

export function createFrontDoor({ logger }: { logger: Logger }): FrontDoor {
  const doors = new Map<string, { segments: string[]; answerer: Answerer }>();

  function find(path: string): { answerer: Answerer; params: Record<string, string> } | null {
    for (const [pattern, { segments, answerer }] of doors) {
      if (path === pattern) return { answerer, params: {} };
      const params = paramsOf(segments, path.split('/'));
      if (params) return { answerer, params };
    }
    return null;
  }

  return {
    open(pattern, answerer) {
      doors.set(pattern, { segments: pattern.split('/'), answerer });
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
  { answerer, params }: { answerer: Answerer; params: Record<string, string> },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const asked: Asked = {
    method: 'POST',
    url: `http://${request.headers.host ?? 'localhost'}${request.url}`,
    headers: { get: (name) => header(request, name) },
    signal: gone.signal,
    body: request,
  };
  const { status, headers, text } = await plain(await answerer(asked, { params: Promise.resolve(params) }));
  const length = text === null ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff', ...length });
  response.end(text ?? undefined);
}

async function plain(answered: Response | PlainAnswer): Promise<PlainAnswer> {
  if (!(answered instanceof Response)) return answered;
  const { status, headers } = answered;
  return {
    status,
    headers: Object.fromEntries(headers),
    text: status === 204 ? null : await answered.text(),
  };
}

/** Whose address is not known by then is told as Next tells it. */
function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name.toLowerCase()];
  if (value !== undefined) return Array.isArray(value) ? value.join(', ') : value;
  return name.toLowerCase() === 'x-forwarded-for' ? (request.socket.remoteAddress ?? null) : null;
}
