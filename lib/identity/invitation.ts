import type { Clock } from '../clock';
import { AppError } from '../model/errors';
import type { Invitation } from '../model/user';
import type { Store } from '../store/store';
import type { User } from '../store/user-store';
import { checkPassword, hashPassword } from './password';
import { hashToken, newTokenText } from './token-text';

const lifetimeMs = 7 * 24 * 60 * 60 * 1000;

/** A new link for this person to choose a password with, once, within a week. Earlier ones are good for nothing any more. */
export async function newInvitation(
  { clock, store }: { clock: Clock; store: Pick<Store, 'tokens'> },
  { id, name, role }: Pick<User, 'id' | 'name' | 'role'>,
  madeBy: string,
): Promise<Invitation> {
  const token = newTokenText('invitation');
  const expiresAt = new Date(clock.now().getTime() + lifetimeMs).toISOString();
  await store.tokens.dropInvitations(id);
  await store.tokens.add({ kind: 'invitation', name, role, expiresAt, userId: id, madeBy }, hashToken(token));
  return { token, expiresAt };
}

/**
 * Gives the person whom the invitation is for this password. Rejects with `unauthorized`; with `bad_request` for a password that is
 * not accepted, and then the invitation stays good.
 */
export async function acceptInvitation(
  { store }: { store: Pick<Store, 'tokens' | 'users'> },
  token: string,
  password: string,
): Promise<User> {
  const hash = hashToken(token);
  const known = await store.tokens.find(hash, ['invitation']);
  const user = known?.userId === undefined ? null : await store.users.get(known.userId);
  if (!user) throw notGood();
  checkPassword(password, [user.email, user.name]);
  const passwordHash = await hashPassword(password);
  // Two who have the same link: the first one's password counts.
  if (!(await store.tokens.consume(hash, 'invitation'))) throw notGood();
  await store.users.setPassword(user.id, passwordHash);
  return user;
}

function notGood(): AppError {
  return new AppError(
    'unauthorized',
    'This invitation was used already, has expired, or is not one of ours. Ask an admin for a new one.',
  );
}
