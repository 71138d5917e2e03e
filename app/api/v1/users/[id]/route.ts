import { updateUser } from '@/lib/http/operations/people';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** A session asks at every request who its person is now, so that nothing else has to be done. */
export const PUT = route(updateUser, async ({ context, principal, params: { id = '' }, body, audit }) => {
  const lowersOwn = body.disabled === true || (body.role !== undefined && body.role !== 'admin');
  if (principal.userId === id && lowersOwn)
    throw new AppError(
      'conflict',
      'Nobody can disable themselves or lower their own role: another admin can.',
    );
  const { store } = context;
  if (!(await store.users.get(id))) throw new AppError('not_found', `There is no person ${id}.`);
  await audit.record({ detail: body });
  await store.users.change(id, body);
  if (body.disabled) {
    // They do not come back by themselves when the person is enabled again.
    await store.tokens.endSessions({ userId: id });
    await store.tokens.dropInvitations(id);
  }
  return Response.json(await store.users.summary(id), { headers: { 'cache-control': 'no-store' } });
});
