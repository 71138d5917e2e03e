import { z } from 'zod';
import { AppError, messageOf } from '../model/errors';
import { type OutgoingAnswer, type OutgoingClient, OutgoingFailure } from '../outgoing/client';

export interface RegistryOptions {
  outgoing: Pick<OutgoingClient, 'request'>;
  /** For one request, its body included. */
  limitMs: number;
  /** The `user:password` for a host, base64; null when there is none. */
  credentials(host: string): Promise<string | null>;
  /** Hosts that are spoken to without TLS, beside those of this machine. */
  insecure: readonly string[];
}

export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: Buffer;
  maxBytes?: number;
  maxRedirects?: number;
}

const maxAnswerBytes = 4 * 1024 * 1024;
const maxTokenBytes = 64 * 1024;

const tokenAnswer = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
});

/**
 * Speaks the OCI distribution protocol with one repository of a registry, with a token where it asks for one. A status
 * is an answer. Rejects with AppError `dependency_unavailable` when the registry cannot be reached, fails, or lets us
 * not in.
 */
export function openRegistry(options: RegistryOptions, host: string, repository: string) {
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
  const base = `${isLocal || options.insecure.includes(host) ? 'http' : 'https'}://${host}`;
  let authorization: string | null = null;

  async function once(url: string, request: RegistryRequest): Promise<OutgoingAnswer> {
    const isOurs = new URL(url).host === host;
    const { method, body } = request;
    try {
      return await options.outgoing.request(url, {
        ...(method ? { method } : {}),
        ...(body ? { body } : {}),
        headers: { ...request.headers, ...(authorization !== null && isOurs ? { authorization } : {}) },
        limitMs: options.limitMs,
        maxBytes: request.maxBytes ?? maxAnswerBytes,
        maxRedirects: request.maxRedirects ?? 5,
        addresses: 'any',
      });
    } catch (error) {
      if (error instanceof OutgoingFailure && error.why === 'too_large')
        throw new AppError('dependency_invalid', error.message, { cause: error });
      const why = messageOf(error);
      throw new AppError('dependency_unavailable', `the registry ${host} cannot be reached: ${why}`);
    }
  }

  /** `at` is below the repository, or a URL that the registry gave. */
  async function ask(at: string, request: RegistryRequest = {}): Promise<OutgoingAnswer> {
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
    const known = await options.credentials(host).catch((error: unknown) => {
      throw new AppError(
        'dependency_unavailable',
        `the credentials for ${host} cannot be had: ${messageOf(error)}`,
      );
    });
    const basic = known === null ? null : `Basic ${known}`;
    const parameters = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    if (!/^bearer/i.test(challenge) || !parameters.realm) return basic;
    const url = realmOf(parameters.realm);
    if (parameters.service) url.searchParams.set('service', parameters.service);
    const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
    url.searchParams.set('scope', parameters.scope ?? `repository:${repository}:${actions}`);
    const headers: Record<string, string> = basic ? { authorization: basic } : {};
    // Credentials go to the realm alone, not to where it leads.
    const { status, body } = await once(url.href, { headers, maxBytes: maxTokenBytes, maxRedirects: 0 });
    if (status !== 200) return null;
    const answer = tokenAnswer.safeParse(jsonOf(body));
    const token = answer.data?.token ?? answer.data?.access_token;
    if (token === undefined) {
      throw new AppError(
        'dependency_unavailable',
        `the realm ${url.host} of the registry ${host} answers without a token: expected JSON with "token"`,
      );
    }
    return `Bearer ${token}`;
  }

  /** Credentials are sent there: only over TLS, unless the registry itself is without. */
  function realmOf(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && base.startsWith('http:'))) return url;
    throw new AppError(
      'dependency_unavailable',
      `the registry ${host} names the realm ${JSON.stringify(text.slice(0, 200))}: expected an https URL`,
    );
  }

  return { ask };
}

export type Registry = ReturnType<typeof openRegistry>;

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
