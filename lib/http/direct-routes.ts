import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import { sendResult } from './node-response';
import { isOperationId, matchPath } from './operations/match-path';
import type { Route } from './route';
import type { RouteRequest } from './route-request';
import type { SseWriter } from './sse-writer';

/**
 * Answers the most frequent requests, and streams, with the very route that Next would call, and without what Next
 * does around it, which costs several times as much as the route. Nothing depends on it: a server without direct
 * routes gives the same answers.
 */
export interface DirectRoutes {
  /** Takes the routes by `operationId`. Throws for an id that no operation has. */
  register(routes: Readonly<Record<string, Route>>): void;
  /** Answers the request, or returns false: then it is Next's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Next reads larger bodies, as they come. */
const maxBodyBytes = 256 * 1024;

export function createDirectRoutes(context: { logger: Logger; sse: SseWriter }): DirectRoutes {
  const routes = new Map<string, Route>();
  return {
    register(more) {
      for (const [id, route] of Object.entries(more)) {
        if (!isOperationId(id)) throw new Error(`A route is registered for ${id}, which is no operation.`);
        routes.set(id, route);
      }
    },
    handle(request, response) {
      if (!isShortPost(request) && !asksForStream(request)) return false;
      const { method = '', url = '' } = request;
      const [path = ''] = url.split('?', 1);
      // Next decodes escapes.
      const match = path.includes('%') ? null : matchPath(path);
      const route = routes.get(match?.operations.get(method) ?? '');
      if (!match || !route) return false;
      answer(context, route, match.params, request, response).catch((error: unknown) => {
        context.logger.debug({ error: messageOf(error) }, 'a request broke off');
        response.destroy();
      });
      return true;
    },
  };
}

function isShortPost({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'POST' && Number(headers['content-length']) <= maxBodyBytes && !url.includes('?');
}

function asksForStream({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/event-stream') === true;
}

async function answer(
  context: { sse: SseWriter },
  route: Route,
  params: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const routeRequest: RouteRequest = {
    method: request.method ?? '',
    url: `http://${request.headers.host ?? 'localhost'}${request.url}`,
    headers: { get: (name) => header(request, name) },
    signal: gone.signal,
    body: request,
  };
  await sendResult(await route.handle(routeRequest, { params: Promise.resolve(params) }), response, context);
}

/** The address of a client that no header gives is that of the connection, as in Next. */
function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name.toLowerCase()];
  if (value !== undefined) return Array.isArray(value) ? value.join(', ') : value;
  return name.toLowerCase() === 'x-forwarded-for' ? (request.socket.remoteAddress ?? null) : null;
}
