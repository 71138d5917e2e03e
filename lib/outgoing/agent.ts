import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { ProxySettings } from '../model/outgoing-settings';
import { type AddressPolicy, lookupWithin, refusalOf } from './address-policy';
import { proxyFor } from './proxy';

/** For the way through a proxy of a request that names no limit of its own. */
const proxyLimitMs = 15_000;

/**
 * Makes the connections of every outgoing call, with TLS or without, directly or through a proxy. Keeps none open. One
 * goes to an address that the policy allows, or fails; a name that only a proxy can resolve is the proxy's to judge.
 */
export class OutgoingAgent extends Agent {
  private readonly plain: HttpAgent;
  private readonly secure: HttpsAgent;
  private readonly limits = new WeakMap<ClientRequest, AbortSignal>();

  constructor(
    private readonly proxies: ProxySettings,
    private readonly authorities: { ca?: string[] },
    private readonly addresses: AddressPolicy,
  ) {
    super();
    const lookup = addresses === 'any' ? {} : { lookup: lookupWithin(addresses) };
    this.plain = new HttpAgent(lookup);
    this.secure = new HttpsAgent({ ...lookup, ...authorities });
  }

  /** Ends the way through a proxy, too, which has no socket yet that the request could end. Call it at once. */
  limit(request: ClientRequest, signal: AbortSignal): void {
    this.limits.set(request, signal);
  }

  override async connect(
    request: ClientRequest,
    { secureEndpoint, ...options }: AgentConnectOpts,
  ): Promise<HttpAgent> {
    const host = String(options.host ?? 'localhost');
    const proxy = proxyFor(this.proxies, { isSecure: secureEndpoint, host, port: Number(options.port) });
    if (proxy === null) return secureEndpoint ? this.secure : this.plain;
    const signal = this.limits.get(request) ?? AbortSignal.timeout(proxyLimitMs);
    await this.checkName(host);
    if (!secureEndpoint) return new HttpProxyAgent(proxy, { ...this.authorities, signal });
    // Else what the proxy says to CONNECT would pass for the answer of the server.
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      if (statusCode !== 200) request.destroy(new Error(`the proxy answers ${statusCode} to CONNECT`));
    });
    return new HttpsProxyAgent(proxy, { ...this.authorities, signal });
  }

  private async checkName(host: string): Promise<void> {
    if (this.addresses === 'any' || isIP(host) !== 0) return;
    const found: string | null = await promisify(lookupWithin('any'))(host, {}).then(String, () => null);
    const refusal = found === null ? null : refusalOf(this.addresses, host, found);
    if (refusal !== null) throw new Error(refusal);
  }
}
