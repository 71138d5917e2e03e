import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';

export interface RegistryOptions {
  clock: Clock;
  /** For one request, its body included. */
  limitMs: number;
  /** The `user:password` for a host, base64; null when there is none. */
  credentials(host: string): Promise<string | null>;
  /** Hosts that are spoken to without TLS, beside those of this machine. */
  insecure: readonly string[];
}

export interface RegistryAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: Buffer;
  maxBytes?: number;
}

const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * Speaks the OCI distribution protocol with one repository of a registry, with a token where it asks for one. A status
 * is an answer. Rejects with AppError `dependency_unavailable` when the registry cannot be reached, fails, or lets us
 * not in.
 */
export function openRegistry(options: RegistryOptions, host: string, repository: string) {
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
  const base = `${isLocal || options.insecure.includes(host) ? 'http' : 'https'}://${host}`;
  let authorization: string | null = null;

  async function once(url: string, request: RegistryRequest): Promise<RegistryAnswer> {
    const over = new AbortController();
    const late = new AbortController();
    void options.clock.sleep(options.limitMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort();
    });
    try {
      const isOurs = new URL(url).host === host;
      const response = await fetch(url, {
        method: request.method ?? 'GET',
        headers: {
          ...request.headers,
          ...(authorization !== null && isOurs ? { authorization } : {}),
        },
        body: request.body ? new Uint8Array(request.body) : undefined,
        signal: late.signal,
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await readBody(response, request.maxBytes ?? maxAnswerBytes),
      };
    } catch (error) {
      if (error instanceof AppError) throw error;
      const why = late.signal.aborted ? `no answer within ${options.limitMs / 1000} s` : reasonOf(error);
      throw new AppError('dependency_unavailable', `the registry ${host} cannot be reached: ${why}`);
    } finally {
      over.abort();
    }
  }

  /** `at` is below the repository, or a URL that the registry gave. */
  async function ask(at: string, request: RegistryRequest = {}): Promise<RegistryAnswer> {
    const url = new URL(at.startsWith('http') || at.startsWith('/') ? at : `/v2/${repository}/${at}`, base)
      .href;
    let answer = await once(url, request);
    if (answer.status === 401) {
      authorization = await authorize(answer.headers.get('www-authenticate') ?? '', request.method ?? 'GET');
      answer = await once(url, request);
    }
    if (answer.status === 401 || answer.status === 403) {
      throw new AppError(
        'dependency_unavailable',
        `the registry ${host} does not let us in to ${repository} (${answer.status})`,
      );
    }
    if (answer.status >= 500 || answer.status === 429) {
      throw new AppError('dependency_unavailable', `the registry ${host} answers ${answer.status}`);
    }
    return answer;
  }

  /** Basic, or a token from where the challenge says. */
  async function authorize(challenge: string, method: string): Promise<string | null> {
    const known = await options.credentials(host);
    const basic = known === null ? null : `Basic ${known}`;
    const parameters = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    if (!/^bearer/i.test(challenge) || !parameters.realm) return basic;
    const url = new URL(parameters.realm);
    if (parameters.service) url.searchParams.set('service', parameters.service);
    const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
    url.searchParams.set('scope', parameters.scope ?? `repository:${repository}:${actions}`);
    const { status, body } = await once(url.href, basic ? { headers: { authorization: basic } } : {});
    if (status !== 200) return null;
    const answer: { token?: unknown; access_token?: unknown } = JSON.parse(body.toString());
    return `Bearer ${String(answer.token ?? answer.access_token)}`;
  }

  return { ask };
}

export type Registry = ReturnType<typeof openRegistry>;

async function readBody(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new AppError('dependency_invalid', `it has more than ${Math.floor(maxBytes / 1024 / 1024)} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause ? error.cause : error);
}
