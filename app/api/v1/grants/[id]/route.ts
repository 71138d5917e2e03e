import { removeGrant } from '@/lib/http/operations/grants';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const DELETE = route(removeGrant, async ({ context, params: { id = '' }, audit }) => {
  const removed = await context.store.grants.remove(id);
  if (!removed) throw new AppError('not_found', `There is no grant ${id}.`);
  const { grantee, suites, rights } = removed;
  await audit.recordAfter({ detail: { grantee, suites, rights } });
  return new Response(null, { status: 204 });
});
