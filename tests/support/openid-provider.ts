import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/** Somebody whom the provider knows, by the name that is typed into its form. */
export interface ProviderPerson {
  email: string;
  emailVerified: boolean;
  groups: string[];
}

/**
 * A real OpenID Connect provider with its own sign-in form, for one client: whoever types the name of one of these
 * people, with any password, is that one. It insists on PKCE.
 */
export async function startOpenIdProvider(people: Readonly<Record<string, ProviderPerson>>): Promise<{
  issuer: string;
  clientId: string;
  clientSecret: string;
  setClient(...redirectUris: string[]): void;
  close(): Promise<void>;
}> {
  const client = { clientId: 'gantry', clientSecret: 'a-secret-of-the-client' };
  let redirectUris = ['http://127.0.0.1/nowhere'];
  let handle: ReturnType<Provider['callback']> | null = null;
  const server = createServer((request, response) => {
    handle ??= open();
    void handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const issuer = `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;

  function open() {
    const provider = new Provider(issuer, {
      clients: [
        { client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: redirectUris },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub', 'email', 'email_verified', 'groups', 'name'] },
      features: { claimsParameter: { enabled: true } },
      // Claims are in the ID token, and not only at the userinfo endpoint.
      conformIdTokenClaims: false,
      cookies: { keys: ['a key of the cookies'] },
      findAccount: (_context: unknown, id: string) => {
        const person = Object.hasOwn(people, id) ? people[id] : undefined;
        if (!person) return undefined;
        const { email, emailVerified, groups } = person;
        return {
          accountId: id,
          claims: async () => ({ sub: id, name: id, email, email_verified: emailVerified, groups }),
        };
      },
    });
    return provider.callback();
  }

  return {
    issuer,
    ...client,
    setClient(...uris) {
      redirectUris = uris;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
