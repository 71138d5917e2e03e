import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { ClusterRefusal, unreachable } from './cluster-errors';

export type Query = Record<string, string | number | boolean | undefined>;

export interface ClusterRequest {
  /** A PATCH is a merge patch. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: object;
  limitMs?: number;
}

/** Calls to the API server of one cluster: each with its own deadline, each failure in plain words. */
export interface Cluster {
  config(): Promise<KubeConfig>;
  /**
   * One request; resolves with the parsed answer. Rejects with AppError `backend_unavailable` when the API server
   * cannot be reached or is silent for the limit, and with a ClusterRefusal when it says no.
   */
  request(what: string, path: string, question?: ClusterRequest): Promise<unknown>;
  /** A response that goes on: a watch, a log. Rejects as `ask` does; the signal ends it. */
  open(what: string, path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage>;
}

export const quickMs = 15_000;

/** `load` reads the kubeconfig: at the first call, so that one that cannot be read is a reason and not a crash. */
export function openCluster({ clock }: { clock: Clock }, load: () => Promise<KubeConfig>): Cluster {
  let loaded: Promise<KubeConfig> | null = null;
  let agent: HttpAgent | null = null;

  function config(): Promise<KubeConfig> {
    loaded ??= load();
    loaded.catch(() => {
      loaded = null;
    });
    return loaded;
  }

  /** The headers are asked for each time, for tokens are renewed; the connections are kept. */
  async function connection(): Promise<{ server: string; options: RequestOptions }> {
    const known = await config();
    const server = known.getCurrentCluster()?.server;
    if (!server) throw new AppError('backend_unavailable', 'The kubeconfig names no cluster to use.');
    const options: RequestOptions = {};
    await known.applyToHTTPSOptions(options);
    if (!agent && options.agent instanceof HttpAgent) {
      agent = options.agent;
      Object.assign(agent, { keepAlive: true });
    }
    return { server: server.replace(/\/$/, ''), options: { ...options, agent: agent ?? options.agent } };
  }

  async function send(
    path: string,
    { method = 'GET', query = {}, body }: ClusterRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { server, options } = await connection();
    const url = new URL(server + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const payload = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      ...options.headers,
      accept: 'application/json, */*',
      ...(payload ? { 'content-type': contentType, 'content-length': payload.length } : {}),
    };
    return new Promise((resolve, reject) => {
      const start = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const request = start(url, { ...options, method, headers, signal }, resolve);
      request.once('error', reject);
      request.end(payload ?? undefined);
    });
  }

  async function within<T>(what: string, limitMs: number, run: (signal: AbortSignal) => Promise<T>) {
    const controller = new AbortController();
    const done = new AbortController();
    const silence = clock.sleep(limitMs, done.signal).then(() => {
      if (done.signal.aborted) return new Promise<never>(() => {});
      controller.abort();
      throw new AppError(
        'backend_unavailable',
        `The cluster did not ${what} within ${Math.round(limitMs / 1000)} s: its API server is overloaded or hangs.`,
      );
    });
    try {
      return await Promise.race([run(controller.signal), silence]);
    } catch (error) {
      throw error instanceof AppError ? error : unreachable(error);
    } finally {
      done.abort();
    }
  }

  return {
    config,
    request: (what, path, question = {}) =>
      within(what, question.limitMs ?? quickMs, async (signal) => {
        const response = await send(path, question, signal);
        const text = await readText(response);
        const answer = parseAnswer(text, response);
        if ((response.statusCode ?? 0) >= 400) throw refusal(what, response, answer, text);
        return answer;
      }),
    async open(what, path, query, signal) {
      const response = await within(what, quickMs, (silence) =>
        send(path, { query }, AbortSignal.any([signal, silence])),
      );
      if (response.statusCode === 200) return response;
      const text = await within(what, quickMs, () => readText(response));
      throw refusal(what, response, parseAnswer(text, response), text);
    },
  };
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function parseAnswer(text: string, response: IncomingMessage): unknown {
  if (!/json/.test(response.headers['content-type'] ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('backend_failed', `The cluster's answer cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function refusal(what: string, response: IncomingMessage, answer: unknown, text: string): ClusterRefusal {
  return new ClusterRefusal(response.statusCode ?? 0, answer, text, what);
}
