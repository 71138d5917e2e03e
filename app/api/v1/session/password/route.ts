import { mustBeProven } from '@/lib/http/check-reauthentication';
import { setPassword } from '@/lib/http/operations/people';
import { sessionOrigin } from '@/lib/http/sign-in-request';
import { checkPassword, hashPassword } from '@/lib/identity/password';
import { checkPasswordOf } from '@/lib/identity/reauthentication';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const POST = route(setPassword, async ({ context, request, principal, body, audit }) => {
  const { store } = context;
  const user = principal.userId === undefined ? null : await store.users.get(principal.userId);
  if (!user)
    throw new AppError('conflict', 'Only a person has a password, and this is a token or a session of one.');
  if (user.passwordHash !== null) {
    await checkPasswordOf(context, user, body.current ?? '', sessionOrigin(request).address);
  } else {
    mustBeProven(context.config, principal);
  }
  checkPassword(body.password, [user.email, user.name]);
  const hash = await hashPassword(body.password);
  await audit.record({ subject: { kind: 'user', id: user.id } });
  await store.users.setPassword(user.id, hash);
  if (principal.tokenId !== undefined) await store.tokens.prove(principal.tokenId);
  await store.tokens.endSessions({ userId: user.id }, principal.tokenId);
  return new Response(null, { status: 204 });
});
