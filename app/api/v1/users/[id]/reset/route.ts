import { resetUser } from '@/lib/http/operations/people';
import { newInvitation } from '@/lib/identity/invitation';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** The invitation's token is in this answer and nowhere else. */
export const POST = route(resetUser, async ({ context, principal, params: { id = '' }, audit }) => {
  const { store } = context;
  const user = await store.users.get(id);
  if (!user) throw new AppError('not_found', `There is no person ${id}.`);
  await audit.record({});
  await store.users.setPassword(id, null);
  await store.tokens.endSessions({ userId: id });
  const invitation = await newInvitation(context, user, principal.name);
  return Response.json(invitation, { status: 201, headers: { 'cache-control': 'no-store' } });
});
