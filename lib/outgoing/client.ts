import { readFileSync } from 'node:fs';
import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../clock';
import type { OutgoingSettings } from '../model/outgoing-settings';
import { type AddressPolicy, refusalOf } from './address-policy';
import { OutgoingAgent } from './agent';

export interface OutgoingRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** For all of it: redirects and body included. */
  limitMs: number;
  /** Of the answer's body. 0: it is not read. */
  maxBytes: number;
  /** 0: a redirect is an answer like any other. */
  maxRedirects: number;
  addresses: AddressPolicy;
  signal?: AbortSignal;
}

export interface OutgoingAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Every call of the control plane to servers that others have named goes through this. */
export interface OutgoingClient {
  /** Any status is an answer. Rejects with OutgoingFailure. */
  request(url: string, request: OutgoingRequest): Promise<OutgoingAnswer>;
  /** For libraries that make their own requests, with what they need to know of TLS. */
  readonly forLibraries: { agent: Agent; ca?: string[] };
}

/** `late`, `too_large` and `refused` are our limits; `unreachable` is all else. The message has no URL in it. */
export class OutgoingFailure extends Error {
  override readonly name = 'OutgoingFailure';
  constructor(
    readonly why: 'late' | 'too_large' | 'refused' | 'unreachable',
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** Throws when the file of authorities cannot be read. */
export function createOutgoingClient(
  { clock }: { clock: Clock },
  { caFile, ...proxies }: OutgoingSettings,
): OutgoingClient {
  const authorities = caFile === null ? {} : { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] };
  const agents: Record<AddressPolicy, OutgoingAgent> = {
    any: new OutgoingAgent(proxies, authorities, 'any'),
    remote: new OutgoingAgent(proxies, authorities, 'remote'),
    public: new OutgoingAgent(proxies, authorities, 'public'),
  };

  async function follow(first: string, request: OutgoingRequest, signal: AbortSignal) {
    let url = new URL(first);
    let headers = request.headers ?? {};
    for (let redirects = 0; ; redirects += 1) {
      checkAddress(url, request.addresses);
      const agent = agents[request.addresses];
      const answer = await send(url, { ...request, headers }, agent, authorities, signal);
      const next = nextOf(url, answer, request);
      if (next === null || request.maxRedirects === 0) return answer;
      if (redirects >= request.maxRedirects)
        throw new OutgoingFailure('refused', `it redirects more than ${request.maxRedirects} times`);
      if (url.protocol === 'https:' && next.protocol !== 'https:')
        throw new OutgoingFailure('refused', 'it redirects from https to http');
      if (next.host !== url.host) headers = withoutCredentials(headers);
      url = next;
    }
  }

  return {
    forLibraries: { agent: agents.any, ...authorities },
    async request(url, request) {
      const over = new AbortController();
      const late = new AbortController();
      void clock.sleep(request.limitMs, over.signal).then(() => {
        if (!over.signal.aborted) late.abort();
      });
      const signals = [late.signal, ...(request.signal ? [request.signal] : [])];
      try {
        return await follow(url, request, AbortSignal.any(signals));
      } catch (cause) {
        if (late.signal.aborted)
          throw new OutgoingFailure('late', `no answer within ${request.limitMs / 1000} s`, { cause });
        if (cause instanceof OutgoingFailure) throw cause;
        throw new OutgoingFailure('unreachable', cause instanceof Error ? cause.message : String(cause), {
          cause,
        });
      } finally {
        over.abort();
      }
    },
  };
}

/** No name is looked up for an address. */
function checkAddress({ protocol, hostname }: URL, addresses: AddressPolicy): void {
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new OutgoingFailure('refused', `expected a URL of http or https, found ${protocol}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const refusal = isIP(host) === 0 ? null : refusalOf(addresses, host, host);
  if (refusal !== null) throw new OutgoingFailure('refused', refusal);
}

function nextOf(
  url: URL,
  { status, headers }: OutgoingAnswer,
  { method = 'GET' }: OutgoingRequest,
): URL | null {
  const location = headers.get('location');
  const isRead = method === 'GET' || method === 'HEAD';
  const isRedirect = [307, 308].includes(status) || (isRead && [301, 302, 303].includes(status));
  if (!isRedirect || location === null || !URL.canParse(location, url.href)) return null;
  return new URL(location, url.href);
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(authorization|cookie|x-vault-.*)$/i.test(name)),
  );
}

async function send(
  url: URL,
  { method = 'GET', headers = {}, body, maxBytes }: OutgoingRequest,
  agent: OutgoingAgent,
  authorities: { ca?: string[] },
  signal: AbortSignal,
): Promise<OutgoingAnswer> {
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...length, ...headers }, agent, signal, ...authorities };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = start(url, options, resolve);
    agent.limit(sent, signal);
    // A request without a socket says nothing of its end.
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    // It may come after the answer too, when what is left of the connection is ended.
    sent.on('error', reject);
    sent.end(body);
  });
  try {
    return {
      status: answer.statusCode ?? 0,
      headers: headersOf(answer.rawHeaders),
      body: maxBytes === 0 ? Buffer.alloc(0) : await readAll(answer, maxBytes),
    };
  } finally {
    answer.destroy();
  }
}

async function readAll(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new OutgoingFailure('too_large', `it has more than ${Math.floor(maxBytes / 1024 / 1024)} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  raw.forEach((name, at) => {
    if (at % 2 === 0) headers.append(name, raw[at + 1] ?? '');
  });
  return headers;
}
