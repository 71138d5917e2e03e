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
  config: { openIdProviders: readonly OpenIdProvider[]; reauthenticationMs: number };
}

/** How whoever has this session can show again who they are. Rejects with `conflict` for a token, which cannot. */
export async function reauthenticationWays(
  { store, config }: Pick<ReauthenticationDependencies, 'store' | 'config'>,
  principal: Principal,
): Promise<ReauthenticationWays> {
  mustBeSession(principal);
  const { userId, provenMsAgo = Number.POSITIVE_INFINITY } = principal;
  const person = userId === undefined ? null : await store.users.summary(userId);
  return {
    password: person?.hasPassword ?? false,
    providers: config.openIdProviders
      .filter(({ id }) => person?.providers.includes(id))
      .map(({ id, name }) => ({ id, name })),
    token: userId === undefined || store.users.isFirstAdmin(userId),
    recent: provenMsAgo <= config.reauthenticationMs,
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
): Promise<void> {
  const id = mustBeSession(principal);
  if ('password' in given) {
    const user = principal.userId === undefined ? null : await deps.store.users.get(principal.userId);
    if (!user) throw new AppError('forbidden', 'This session was begun with an API token: send that one.');
    await checkPasswordOf(deps, user, given.password, id, 'The password is not right.');
  } else {
    await checkToken(deps, principal, hashToken(given.token));
  }
  await deps.store.tokens.prove(id);
}

/**
 * Rejects with `forbidden` if this is not the password of the session's person, in the words of `wrong`, and with
 * `too_many_requests` after as many tries as at a sign-in. They count apart from those, which anybody can use up.
 */
export async function checkPasswordOf(
  { signInLimits }: { signInLimits: SignInLimits },
  { id, passwordHash }: Pick<User, 'id' | 'passwordHash'>,
  password: string,
  sessionId: string,
  wrong: string,
): Promise<void> {
  // In the place of an address: others may have the same one.
  const from = `session ${sessionId}`;
  await signInLimits.admit(id, from);
  if (!(await isPassword(password, passwordHash))) throw new AppError('forbidden', wrong);
  await signInLimits.forgive(id, from);
}

function mustBeSession({ tokenId, provenMsAgo }: Principal): string {
  if (tokenId !== undefined && provenMsAgo !== undefined) return tokenId;
  throw new AppError(
    'conflict',
    'Only the person of a session shows again who they are: a token is never asked to.',
  );
}

/** Rejects with `forbidden` if the token with this hash does not show who the session's bearer is. */
async function checkToken(
  { store }: { store: Pick<Store, 'tokens' | 'users'> },
  { userId, apiTokenId }: Principal,
  hash: string,
): Promise<void> {
  if (userId === undefined) {
    const token = await store.tokens.find(hash, ['api']);
    if (token !== null && token.id === apiTokenId) return;
    throw new AppError('forbidden', 'This is not the API token that this session was begun with.');
  }
  if (!store.users.isFirstAdmin(userId))
    throw new AppError('forbidden', 'People confirm with their password or at their identity provider.');
  if ((await store.tokens.consume(hash, 'sign_in')) !== null) return;
  throw new AppError(
    'forbidden',
    'This is no token of a sign-in link, or it was used or has expired: `gantry sign-in` prints a new one.',
  );
}
