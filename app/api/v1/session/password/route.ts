import { setPassword } from '@/lib/http/operations/people';
import { sessionOrigin } from '@/lib/http/sign-in-request';
import { checkPassword, hashPassword, isPassword } from '@/lib/identity/password';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const POST = route(setPassword, async ({ context, request, principal, body, audit }) => {
  const { store, signInLimits } = context;
  const user = principal.userId === undefined ? null : await store.users.get(principal.userId);
  if (!user)
    throw new AppError('conflict', 'Only a person has a password, and this is a token or a session of one.');
  if (user.passwordHash !== null) {
    const { address } = sessionOrigin(request);
    await signInLimits.admit(user.id, address);
    if (!(await isPassword(body.current ?? '', user.passwordHash)))
      throw new AppError('forbidden', 'The current password is not right.');
    await signInLimits.forgive(user.id, address);
  }
  checkPassword(body.password, [user.email, user.name]);
  const hash = await hashPassword(body.password);
  await audit.record({ subject: { kind: 'user', id: user.id } });
  await store.users.setPassword(user.id, hash);
  await store.tokens.endSessions({ userId: user.id }, principal.tokenId);
  return new Response(null, { status: 204 });
});
