import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../model/errors';
import { matchPath } from './operations/match-path';
import { realPath } from './path-aliases';
import { describeProblem } from './problem';

const everyMethod = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** It is not in the API's document, because its text is Prometheus' own. */
const metrics = { path: '/metrics', methods: ['GET', 'HEAD', 'OPTIONS'] };
/** Nor is the protocol of next-auth. */
const signIn = { path: '/api/auth/', methods: ['GET', 'HEAD', 'OPTIONS', 'POST'] };

/**
 * Answers a request to the API whose method its path does not have. Next answers such a request without a body, and
 * calls a method that it has not heard of a bad request or a failure of its own. False: the request is still to be
 * answered.
 */
export function refuseMethod(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = '', url = '' } = request;
  const [path = ''] = url.split('?', 1);
  if (path !== metrics.path && !realPath(path).startsWith('/api/')) return false;
  const methods = methodsOf(path);
  // A path that is nowhere is answered by the route that takes everything.
  if ((methods ?? everyMethod).includes(method)) return false;
  if (methods) {
    const allow = methods.join(', ');
    refuse(response, 'method_not_allowed', `${path} has no ${method}, only ${allow}.`, { allow });
  } else refuse(response, 'not_found', `There is no ${method} ${path} in this API.`);
  return true;
}

function methodsOf(path: string): readonly string[] | undefined {
  if (path === metrics.path) return metrics.methods;
  return path.startsWith(signIn.path) ? signIn.methods : matchPath(path)?.methods;
}

function refuse(
  response: ServerResponse,
  code: ErrorCode,
  detail: string,
  headers: Record<string, string> = {},
): void {
  const problem = describeProblem(code, detail);
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(JSON.stringify(problem));
}
