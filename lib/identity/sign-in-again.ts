import type { OpenIdProvider } from '../model/openid-provider';

/** Where the window of somebody who signs in again at a provider comes back to; why it failed stands behind it. */
const placeAgain = '/sign-in?again=';

/** The part of a request to next-auth that says what for somebody signs in. */
interface AskedSignIn {
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  body: Readonly<Record<string, string>>;
  origin: URL;
}

/**
 * Tells whether somebody signs in to show once more who they are. `place`: the cookie in which next-auth keeps where the
 * browser goes once it is back.
 */
export function isSignInAgain(request: AskedSignIn, place: string | undefined): boolean {
  if (isBeginning(request)) return Object.hasOwn(request.query, 'again');
  return place?.startsWith(request.origin.origin + placeAgain) ?? false;
}

/**
 * What next-auth gets of the query and the body. It would send every parameter of the query on to the provider, in place
 * of Gantry's own, so that of a sign-in's beginning it gets none.
 */
export function sentToNextAuth(
  request: AskedSignIn,
  isAgain: boolean,
): { query: Record<string, string>; body: Record<string, string> } {
  if (!isBeginning(request)) return { query: { ...request.query }, body: { ...request.body } };
  const body = { ...request.body };
  if (isAgain) body.callbackUrl = request.origin.origin + placeAgain;
  return { query: {}, body };
}

/** The page that says what went wrong. */
export function signInErrorPage(isAgain: boolean): string {
  return isAgain ? placeAgain : '/sign-in';
}

/** The parameters of the request to the provider. With `max_age` the ID token says when the person last signed in there. */
export function authorizationOf(
  { scope }: OpenIdProvider,
  isAgain: boolean,
  sessionMs: number,
): Record<string, string> {
  if (!isAgain) return { scope, max_age: String(Math.ceil(sessionMs / 1_000)) };
  const claims = JSON.stringify({ id_token: { auth_time: { essential: true } } });
  return { scope, prompt: 'login', max_age: '0', claims };
}

/**
 * When the ID token says that the person signed in at the provider; undefined: now. A token that does not say it proves
 * nothing, as if that had been at the beginning of time, unless the provider is set up to be believed.
 */
export function provenAtOf(provider: OpenIdProvider, idToken: object, now: Date): Date | undefined {
  const seconds = 'auth_time' in idToken ? idToken.auth_time : undefined;
  if (typeof seconds !== 'number' || !(seconds > 0)) return provider.signInProves ? undefined : new Date(0);
  // Its clock may be ahead.
  return seconds * 1_000 < now.getTime() ? new Date(seconds * 1_000) : undefined;
}

const isBeginning = ({ method, path }: Pick<AskedSignIn, 'method' | 'path'>) =>
  method === 'POST' && path.startsWith('signin/');
