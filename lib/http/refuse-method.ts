import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../model/errors';
import { areas } from './operations/areas';
import type { Operation } from './operations/operation';
import { describeProblem } from './problem';

interface Place extends Pick<Operation, 'method' | 'takesSlashes'> {
  path: string;
}

interface KnownPath {
  segments: string[];
  takesSlashes: boolean;
  methods: string[];
}

const everyMethod = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** Not of the documented API, for its text is Prometheus' own. */
const metrics: Place = { method: 'GET', path: '/metrics' };

let known: KnownPath[] | undefined;

/**
 * Answers a request to the API that asks for a method which its path does not have. Next says so without a word of
 * why, and calls a method that it has not heard of a bad request or a failure of its own. False: it is to be answered.
 */
export function refuseMethod(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = '', url = '' } = request;
  const [path = ''] = url.split('?', 1);
  const inApi = pathInApi(path);
  if (inApi === null) return false;
  known ??= knownPaths([...areas.flatMap(({ operations }) => Object.values<Place>(operations)), metrics]);
  const segments = inApi.split('/');
  const methods = known.find((each) => fits(each, segments))?.methods;
  // What is nowhere is told by the route that takes everything.
  if ((methods ?? everyMethod).includes(method)) return false;
  if (methods) {
    const allow = methods.join(', ');
    refuse(response, 'method_not_allowed', `${path} has no ${method}, only ${allow}.`, { allow });
  } else refuse(response, 'not_found', `There is no ${method} ${path} in this API.`);
  return true;
}

/** Some of it is at other places too. Null: it is not of the API. */
function pathInApi(path: string): string | null {
  if (path.startsWith('/api/') || path === metrics.path) return path;
  if (path.startsWith('/agent-control/')) return `/api/v1${path}`;
  return /^\/(healthz|readyz)(\/|$)/.test(path) ? `/api/v1/system${path}` : null;
}

/** In the order in which they count: a name before a parameter in its place. */
function knownPaths(operations: readonly Place[]): KnownPath[] {
  const byPath = new Map<string, Place[]>();
  for (const each of operations) byPath.set(each.path, [...(byPath.get(each.path) ?? []), each]);
  return [...byPath]
    .sort(([a], [b]) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1))
    .map(([path, same]) => {
      const methods = same.map(({ method }) => method);
      return {
        segments: path.split('/'),
        takesSlashes: same.some(({ takesSlashes }) => takesSlashes),
        methods: [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort(),
      };
    });
}

function fits({ segments, takesSlashes }: KnownPath, given: readonly string[]): boolean {
  if (given.length !== segments.length && !(takesSlashes && given.length > segments.length)) return false;
  return segments.every((segment, index) =>
    segment.startsWith('{') ? given[index] !== '' : segment === given[index],
  );
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
