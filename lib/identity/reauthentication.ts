import { AppError } from '../model/errors';
import type { OpenIdProvider } from '../model/openid-provider';
import type { ReauthenticationRequest, ReauthenticationWays } from '../model/reauthentication';
import type { Store } from '../store/store';
import type { User } from '../store/user-store';
import { isPassword } from './password';
import type { Principal } from './principal';
import type { SignInLimits } from './sign-in-limits';
import { hashToken } from './token-text';

interface ReauthenticationDependencies {
  store: Pick<Store, 'tokens' | 'users'>;
  signInLimits: SignInLimits;
  config: { openIdProviders: readonly OpenIdProvider[] };
}

/** How whoever has this session can show again who they are. Rejects with `conflict` for a token, which cannot. */
export async function reauthenticationWays(
  { store, config }: Pick<ReauthenticationDependencies, 'store' | 'config'>,
  principal: Principal,
): Promise<ReauthenticationWays> {
  mustBeSession(principal);
  const { userId } = principal;
  const person = userId === undefined ? null : await store.users.summary(userId);
  return {
    password: person?.hasPassword ?? false,
    providers: config.openIdProviders
      .filter(({ id }) => person?.providers.includes(id))
      .map(({ id, name }) => ({ id, name })),
    token: userId === undefined || (await isFirstAdmin({ store }, userId)),
  };
}

/**
 * Checks that whoever has this session is still its person, or bears the API token that it was begun with, and remembers
 * that. Rejects with `forbidden` when that was not shown, `too_many_requests` after too many tries, and `conflict` for a
 * token.
 */
export async function reauthenticate(
  deps: Pick<ReauthenticationDependencies, 'store' | 'signInLimits'>,
  principal: Principal,
  given: ReauthenticationRequest,
  address: string | null,
): Promise<void> {
  const id = mustBeSession(principal);
  if ('password' in given) {
    const user = principal.userId === undefined ? null : await deps.store.users.get(principal.userId);
    if (!user) throw new AppError('forbidden', 'This session was begun with an API token: send that one.');
    await checkPasswordOf(deps, user, given.password, address);
  } else if (!(await isOwnToken(deps, principal, hashToken(given.token)))) {
    throw new AppError(
      'forbidden',
      'Expected the API token that this session was begun with, or for the first admin the token of a new sign-in link.',
    );
  }
  await deps.store.tokens.prove(id);
}

/**
 * Rejects with `forbidden` if this is not the person's password, which counts as a wrong sign-in does, and with
 * `too_many_requests`.
 */
export async function checkPasswordOf(
  { signInLimits }: { signInLimits: SignInLimits },
  user: Pick<User, 'id' | 'email' | 'passwordHash'>,
  password: string,
  address: string | null,
): Promise<void> {
  const account = user.email ?? user.id;
  await signInLimits.admit(account, address);
  if (!(await isPassword(password, user.passwordHash)))
    throw new AppError('forbidden', 'The password is not right.');
  await signInLimits.forgive(account, address);
}

function mustBeSession({ tokenId, provenMsAgo }: Principal): string {
  if (tokenId !== undefined && provenMsAgo !== undefined) return tokenId;
  throw new AppError(
    'conflict',
    'Only the person of a session shows again who they are: a token is never asked to.',
  );
}

async function isOwnToken(
  { store }: { store: Pick<Store, 'tokens' | 'users'> },
  { userId, apiTokenId }: Principal,
  hash: string,
): Promise<boolean> {
  if (userId === undefined) {
    const token = await store.tokens.find(hash, ['api']);
    return token !== null && token.id === apiTokenId;
  }
  if (!(await isFirstAdmin({ store }, userId))) return false;
  return (await store.tokens.consume(hash, 'sign_in')) !== null;
}

async function isFirstAdmin({ store }: { store: Pick<Store, 'users'> }, userId: string): Promise<boolean> {
  return (await store.users.firstAdmin()).id === userId;
}
