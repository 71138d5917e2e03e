import { endUserSessions } from '@/lib/http/operations/people';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const DELETE = route(endUserSessions, async ({ context, params: { id = '' }, audit }) => {
  const { store } = context;
  if (!(await store.users.get(id))) throw new AppError('not_found', `There is no person ${id}.`);
  const ended = await store.tokens.endSessions({ userId: id });
  await audit.recordAfter({ detail: { ended: ended.length } });
  return Response.json({ ended: ended.length });
});
