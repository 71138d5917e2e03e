import { revokeToken } from '@/lib/http/operations/access';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** Revokes it, and the sessions that were begun with it. */
export const DELETE = route(revokeToken, async ({ context, params: { id = '' } }) => {
  if (await context.store.tokens.revoke(id)) return new Response(null, { status: 204 });
  throw new AppError('not_found', `There is no token ${id}, or it is revoked already.`);
});
