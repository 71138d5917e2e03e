import { AppError } from '../model/errors';
import { emailAddress, maxPasswordLength } from '../model/user';
import type { Store } from '../store/store';
import type { User } from '../store/user-store';
import { isPassword } from './password';
import type { SignInLimits } from './sign-in-limits';

/**
 * The person with this e-mail address and password. Rejects with `unauthorized`, in the same words and after the same
 * time whatever was wrong, or with `too_many_requests`.
 */
export async function checkSignIn(
  { store, signInLimits }: { store: Pick<Store, 'users'>; signInLimits: SignInLimits },
  given: { email: unknown; password: unknown },
  address: string | null,
): Promise<User> {
  const email = emailAddress.safeParse(given.email);
  const password = typeof given.password === 'string' ? given.password : '';
  if (!email.success || password === '' || password.length > maxPasswordLength) throw wrong();
  await signInLimits.admit(email.data, address);
  const user = await store.users.byEmail(email.data);
  const isRight = await isPassword(password, user?.passwordHash ?? null);
  if (!user || !isRight || user.isDisabled) throw wrong();
  await signInLimits.forgive(email.data, address);
  return user;
}

function wrong(): AppError {
  return new AppError('unauthorized', 'The e-mail address or the password is not right.');
}
