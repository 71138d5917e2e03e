import { type Clock, systemClock } from '../clock';
import { ControlPlaneUnreachable, problemOf } from './api-errors';
import type { ApiAnswer, ApiEvent, ApiMethod, ApiPath, CallOptions } from './api-types';
import { followStream } from './event-stream';

/** One item of a stream. `event` names those that are no items, such as `unfinished`. */
export interface StreamItem<T> {
  id: string | undefined;
  event: string | undefined;
  data: T;
}

/**
 * A client of Gantry's API. Paths are those of the OpenAPI document; what a call takes and answers follows from the
 * path. A refusal is thrown as `ApiProblem`, no answer as `ControlPlaneUnreachable`.
 */
export interface ApiClient {
  readonly url: string;
  get<P extends ApiPath<'GET'>>(path: P, options: CallOptions<'GET', P>): Promise<ApiAnswer<'GET', P>>;
  post<P extends ApiPath<'POST'>>(path: P, options: CallOptions<'POST', P>): Promise<ApiAnswer<'POST', P>>;
  put<P extends ApiPath<'PUT'>>(path: P, options: CallOptions<'PUT', P>): Promise<ApiAnswer<'PUT', P>>;
  remove<P extends ApiPath<'DELETE'>>(path: P, options: CallOptions<'DELETE', P>): Promise<void>;
  /** The answer as it is, for files and texts. */
  download<P extends ApiPath<'GET'>>(
    path: P,
    options: CallOptions<'GET', P> & { accept?: string },
  ): Promise<Response>;
  /** The items of a stream to its end. It goes on after cuts and restarts, and throws when the server is away for two minutes. */
  stream<P extends ApiPath<'GET'>>(
    path: P,
    options: CallOptions<'GET', P> & { signal: AbortSignal },
  ): AsyncIterable<StreamItem<ApiEvent<P>>>;
}

interface AnyOptions {
  params?: Record<string, string> | undefined;
  query?: Record<string, string | number | undefined> | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  retryForMs?: number;
}

const giveUpAfterMs = 120_000;

export function createApiClient(
  { url: given, token }: { url: string; token: string | null },
  clock: Clock = systemClock,
): ApiClient {
  const url = given.replace(/\/+$/, '');

  const sendOnce = async (method: ApiMethod, path: string, accept: string, options: AnyOptions) => {
    const headers: Record<string, string> = { accept, ...options.headers };
    if (token) headers.authorization = `Bearer ${token}`;
    const init: RequestInit = { method, headers };
    if (options.signal) init.signal = options.signal;
    if (options.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(options.body);
    }
    const response = await fetch(url + addressOf(path, options), init).catch((error: unknown) => {
      throw new ControlPlaneUnreachable(`Gantry at ${url} does not answer. Is it started (npm start)?`, {
        cause: error,
      });
    });
    if (!response.ok) throw await problemOf(url, response);
    return response;
  };

  const send = async (method: ApiMethod, path: string, accept: string, options: AnyOptions) => {
    const endMs = clock.monotonicMs() + (options.retryForMs ?? 0);
    for (;;) {
      try {
        return await sendOnce(method, path, accept, options);
      } catch (error) {
        const isAway = error instanceof ControlPlaneUnreachable && !options.signal?.aborted;
        if (!isAway || clock.monotonicMs() >= endMs) throw error;
        await clock.sleep(500, options.signal);
      }
    }
  };

  const sendJson = async (method: ApiMethod, path: string, options: AnyOptions) => {
    const response = await send(method, path, 'application/json', options);
    return response.status === 204 ? undefined : response.json();
  };

  return {
    url,
    get: (path, options) => sendJson('GET', path, options),
    post: (path, options) => sendJson('POST', path, options),
    put: (path, options) => sendJson('PUT', path, options),
    remove: async (path, options) => void (await send('DELETE', path, 'application/json', options)),
    download: (path, { accept = '*/*', ...options }) => send('GET', path, accept, options),
    async *stream(path, options) {
      const open = (lastId: string, signal: AbortSignal) =>
        sendOnce('GET', path, 'text/event-stream', {
          ...options,
          signal,
          headers: { ...options.headers, 'last-event-id': lastId },
        });
      const follow = { clock, signal: options.signal, giveUpAfterMs, open };
      for await (const { id, event, data } of followStream(follow))
        yield { id, event, data: JSON.parse(data) };
    },
  };
}

function addressOf(path: string, { params = {}, query = {} }: AnyOptions): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segmentsOf(name, params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/** Ids of steps have slashes, and so has the path that takes them. A dot alone would lead to another path. */
function segmentsOf(name: string, value: string): string {
  const segments = value.split('/');
  if (segments.some((each) => /^\.{0,2}$/.test(each)))
    throw new Error(`Expected the ${name} of something, found ${JSON.stringify(value)}.`);
  return segments.map(encodeURIComponent).join('/');
}
