import { mustBeProven } from '@/lib/http/check-reauthentication';
import { setPassword } from '@/lib/http/operations/people';
import { checkPassword, hashPassword } from '@/lib/identity/password';
import { checkPasswordOf } from '@/lib/identity/reauthentication';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const POST = route(setPassword, async ({ context, principal, body, audit }) => {
  const { store } = context;
  const user = principal.userId === undefined ? null : await store.users.get(principal.userId);
  const { tokenId } = principal;
  if (!user || tokenId === undefined)
    throw new AppError('conflict', 'Only a person has a password, and this is a token or a session of one.');
  if (user.passwordHash !== null) {
    const wrong = 'The current password is not right.';
    await checkPasswordOf(context, user, body.current ?? '', tokenId, wrong);
  } else {
    mustBeProven(context.config, principal);
  }
  checkPassword(body.password, [user.email, user.name]);
  const hash = await hashPassword(body.password);
  await audit.record({ subject: { kind: 'user', id: user.id } });
  await store.users.setPassword(user.id, hash);
  await store.tokens.prove(tokenId);
  await store.tokens.endSessions({ userId: user.id }, tokenId);
  return new Response(null, { status: 204 });
});
