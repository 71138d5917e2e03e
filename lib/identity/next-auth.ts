import { createHmac } from 'node:crypto';
import NextAuth, { type AuthOptions } from 'next-auth';
import { encode } from 'next-auth/jwt';
import type { Clock } from '../clock';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { OpenIdProvider } from '../model/openid-provider';
import type { OutgoingClient } from '../outgoing/client';
import type { Store } from '../store/store';
import type { User } from '../store/user-store';
import { OpenIdRefused, personOfClaims } from './openid-sign-in';
import { checkSignIn } from './password-sign-in';
import { type BegunSession, beginSession, type SessionLimits, type SessionOrigin } from './session';
import { sessionCookieName } from './session-cookie';
import { authorizationOf, isSignInAgain, provenAtOf, sentToNextAuth, signInErrorPage } from './sign-in-again';
import type { SignInLimits } from './sign-in-limits';
import { hashToken } from './token-text';

export interface SignInDependencies {
  clock: Clock;
  logger: Logger;
  store: Pick<Store, 'installation' | 'tokens' | 'users'>;
  config: SessionLimits & { secureCookies: boolean; openIdProviders: readonly OpenIdProvider[] };
  signInLimits: SignInLimits;
  /** Speaks to identity providers. */
  outgoing: Pick<OutgoingClient, 'forLibraries'>;
}

/** What somebody who signs in does, for the audit log. Neither may be left out. */
export interface SignInWitness {
  /** Rejects when it cannot be recorded, and then nobody is signed in. */
  signedIn(begun: BegunSession, way: string): Promise<void>;
  refused(reason: AppError): Promise<void>;
}

/** A request to next-auth, as its handler takes it. */
export interface SignInRequest {
  method: string;
  /** Below `/api/auth/`. */
  path: string;
  query: Record<string, string>;
  cookies: Record<string, string>;
  body: Record<string, string>;
  /** Where browsers reach Gantry. */
  origin: URL;
  from: SessionOrigin;
}

/** For each request to an identity provider. */
const providerLimitMs = 10_000;

/** As long as the browser may still send the cookie of its former session after it has been signed in anew. */
const formerSessionMs = 30_000;

/** Its types want all of Node's request and response. */
const handleRequest: (request: object, response: object, options: AuthOptions) => Promise<void> =
  NextAuth as never;

/** The form that the sign-in page sends has this id among the providers. */
const passwords = 'credentials';

/** What the pages need of next-auth; its own sessions and pages are not served. */
const served =
  /^(GET (providers|csrf|error|signin|callback\/[a-z0-9-]+)|POST (signin|callback)\/[a-z0-9-]+)$/;

/** Answers a request below `/api/auth/` with next-auth. Rejects with `not_found` for what is not served. */
export async function answerSignIn(
  deps: SignInDependencies,
  request: SignInRequest,
  witness: SignInWitness,
): Promise<Response> {
  if (!served.test(`${request.method} ${request.path}`))
    throw new AppError('not_found', `There is no ${request.method} /api/auth/${request.path}.`);
  const headers = new Headers({ 'cache-control': 'no-store' });
  let status = 200;
  let body: string | null = null;
  // The part of Node's response that next-auth's handler for the Pages Router uses. Its handler for the App Router
  // reads cookies through `next/headers`, which exists nowhere but in Next.
  const response = {
    status(code: number) {
      status = code;
      return response;
    },
    getHeader: (name: string) =>
      name.toLowerCase() === 'set-cookie' ? headers.getSetCookie() : headers.get(name),
    setHeader(name: string, value: string | readonly string[]) {
      headers.delete(name);
      for (const each of [value].flat()) headers.append(name, each);
      return response;
    },
    json(value: unknown) {
      headers.set('content-type', 'application/json');
      response.send(JSON.stringify(value));
    },
    send(text: unknown) {
      body = typeof text === 'string' ? text : JSON.stringify(text ?? null);
    },
    end: () => undefined,
  };
  const { origin, method, cookies } = request;
  const isAgain = isSignInAgain(request, cookies[cookieName(deps, 'place')]);
  const sent = sentToNextAuth(request, isAgain);
  await handleRequest(
    {
      method,
      query: { ...sent.query, nextauth: request.path.split('/') },
      cookies,
      body: sent.body,
      headers: { 'x-forwarded-host': origin.host, 'x-forwarded-proto': origin.protocol.slice(0, -1) },
    },
    response,
    createOptions(deps, request, witness, isAgain),
  );
  return new Response(body, { status, headers });
}

function createOptions(
  deps: SignInDependencies,
  { from, cookies }: SignInRequest,
  witness: SignInWitness,
  isAgain: boolean,
): AuthOptions {
  const { store, config, logger } = deps;
  /** Who has shown who they are in this request. */
  let person: User | null = null;
  /** When they have done so at an identity provider, which may be long ago; undefined: now. */
  let provenAt: Date | undefined;
  const former = cookies[sessionCookieName(deps)];

  async function admit(find: () => Promise<User>): Promise<User> {
    try {
      person = await find();
      return person;
    } catch (error) {
      if (error instanceof AppError) await witness.refused(error);
      throw error;
    }
  }

  return {
    secret: createHmac('sha256', `next-auth:${store.installation.secret}`).digest('hex'),
    useSecureCookies: config.secureCookies,
    cookies: cookiesOf(deps),
    pages: { signIn: '/sign-in', error: signInErrorPage(isAgain) },
    session: { strategy: 'jwt', maxAge: Math.ceil(config.sessionMs / 1_000) },
    providers: [
      {
        id: passwords,
        name: 'Password',
        type: 'credentials',
        credentials: {},
        async authorize(given) {
          const { email, password } = given ?? {};
          try {
            const { id, name } = await admit(() => checkSignIn(deps, { email, password }, from.address));
            return { id, name };
          } catch (error) {
            if (error instanceof AppError && error.code === 'unauthorized') return null;
            throw new Error(
              error instanceof AppError && error.code === 'too_many_requests' ? 'TooMany' : 'Callback',
            );
          }
        },
      },
      ...config.openIdProviders.map((provider) => providerOf(deps, provider, isAgain)),
    ],
    callbacks: {
      async signIn({ account, profile }) {
        if (account?.provider === passwords) return person !== null;
        const provider = config.openIdProviders.find(({ id }) => id === account?.provider);
        if (!provider || !profile) return false;
        try {
          await admit(async () => {
            const found = await personOfClaims(store, provider, { ...profile });
            if (isAgain) await mustBeSame(deps, former, found);
            return found;
          });
          provenAt = provenAtOf(provider, profile, deps.clock.now());
          return true;
        } catch (error) {
          if (error instanceof OpenIdRefused)
            return `${signInErrorPage(isAgain)}${isAgain ? '&' : '?'}error=${error.refusal}`;
          logger.warn({ error: messageOf(error) }, 'a sign-in with an identity provider failed');
          throw new Error('Callback');
        }
      },
      async jwt({ account }) {
        if (!person || !account) throw new Error('nobody has signed in');
        const begun = await beginSession(deps, person, from, provenAt);
        await witness.signedIn(begun, account.provider);
        // The browser has another one from now on.
        if (former !== undefined) await endFormer(deps, former);
        return { session: begun.text };
      },
    },
    jwt: {
      // The cookie holds the text of a row, which is looked up at every request, and no claims that would outlive it.
      // What next-auth keeps in other cookies between two requests, it names a salt for.
      encode: async (given) =>
        given.salt ? encode(given) : typeof given.token?.session === 'string' ? given.token.session : '',
    },
    logger: {
      error: (code, metadata) => logger.warn({ code, error: reasonOf(metadata) }, 'a sign-in failed'),
      warn: () => undefined,
      debug: () => undefined,
    },
  };
}

function providerOf(
  { config, outgoing }: SignInDependencies,
  provider: OpenIdProvider,
  isAgain: boolean,
): AuthOptions['providers'][number] {
  return {
    id: provider.id,
    name: provider.name,
    type: 'oauth',
    wellKnown: `${provider.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    authorization: { params: authorizationOf(provider, isAgain, config.sessionMs) },
    idToken: true,
    httpOptions: { timeout: providerLimitMs, ...outgoing.forLibraries },
    checks: ['pkce', 'state', 'nonce'],
    profile: (idToken: { sub: string }) => ({ id: idToken.sub }),
  };
}

/** Rejects with OpenIdRefused when the session, by its text, is not this person's: what they did would go on as this one. */
async function mustBeSame(
  { store }: Pick<SignInDependencies, 'store'>,
  text: string | undefined,
  { id }: User,
): Promise<void> {
  const session = text === undefined ? null : await store.tokens.find(hashToken(text), ['session']);
  if (session?.userId !== id) throw new OpenIdRefused('SomebodyElse');
}

/** Ends the session that the browser had before it was signed in anew, once what it sends with that one is answered. */
async function endFormer({ store }: Pick<SignInDependencies, 'store'>, text: string): Promise<void> {
  const session = await store.tokens.find(hashToken(text), ['session']);
  if (session) await store.tokens.endSessionAfter(session.id, formerSessionMs);
}

/** As the session's: one installation's cookies are not another one's on the same host. */
function cookiesOf(deps: SignInDependencies): AuthOptions['cookies'] {
  const { secureCookies } = deps.config;
  const options = { httpOnly: true, sameSite: 'lax' as const, path: '/', secure: secureCookies };
  const shortLived = { ...options, maxAge: 15 * 60 };
  const named = (what: string) => cookieName(deps, what);
  return {
    sessionToken: { name: sessionCookieName(deps), options },
    callbackUrl: { name: named('place'), options },
    csrfToken: { name: named('csrf'), options },
    pkceCodeVerifier: { name: named('pkce'), options: shortLived },
    state: { name: named('state'), options: shortLived },
    nonce: { name: named('nonce'), options: shortLived },
  };
}

function cookieName(deps: SignInDependencies, what: string): string {
  return sessionCookieName(deps).replace('gantry_session', `gantry_${what}`);
}

function reasonOf(metadata: unknown): string {
  if (metadata instanceof Error) return metadata.message;
  if (typeof metadata === 'object' && metadata !== null && 'error' in metadata)
    return messageOf(metadata.error);
  return 'unknown';
}
