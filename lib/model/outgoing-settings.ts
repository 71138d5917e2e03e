import { z } from 'zod';

/** How outgoing calls leave, as the variables that most programs read say. Null: there is none. */
export interface ProxySettings {
  httpProxy: string | null;
  httpsProxy: string | null;
  /** Separated by commas: `*`, a domain with all below it, an address or a range, each with a port or without. */
  noProxy: string;
}

export interface OutgoingSettings extends ProxySettings {
  /** A PEM file of authorities that are trusted beside the usual ones. */
  caFile: string | null;
}

/** Neither a proxy nor authorities of one's own. */
export const plainOutgoing: OutgoingSettings = {
  httpProxy: null,
  httpsProxy: null,
  noProxy: '',
  caFile: null,
};

const proxy = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .pipe(z.url({ protocol: /^https?$/, error: 'a URL such as http://proxy.example:3128' }))
  .optional();
const text = z.string().optional();

const sameAs = (name: string) => ({ description: `The same as \`${name}\`, and before it.` });

/** The variables, by name. */
export const outgoingVariables = {
  HTTPS_PROXY: proxy.meta({
    description:
      'Proxy for calls by HTTPS to Vault, registries, identity providers and webhooks, `http://host:port`.',
  }),
  https_proxy: proxy.meta(sameAs('HTTPS_PROXY')),
  HTTP_PROXY: proxy.meta({ description: 'Proxy for such calls without TLS.' }),
  http_proxy: proxy.meta(sameAs('HTTP_PROXY')),
  NO_PROXY: text.meta({
    description: 'Hosts, domains and address ranges to reach directly, separated by commas; `*` for all.',
  }),
  no_proxy: text.meta(sameAs('NO_PROXY')),
  GANTRY_CA_FILE: text.meta({
    description: 'PEM file of certificate authorities to trust in these calls, beside the usual ones.',
  }),
};

/** `caFile` as it was given. */
export function outgoingOf(given: z.infer<z.ZodObject<typeof outgoingVariables>>): OutgoingSettings {
  return {
    httpProxy: given.http_proxy ?? given.HTTP_PROXY ?? null,
    httpsProxy: given.https_proxy ?? given.HTTPS_PROXY ?? null,
    noProxy: given.no_proxy ?? given.NO_PROXY ?? '',
    caFile: given.GANTRY_CA_FILE ?? null,
  };
}
