import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** Revokes it, and the sessions that were begun with it. */
export const DELETE = route(
  { access: 'admin', audit: { action: 'token.revoke', subject: 'token' } },
  async ({ context, params: { id = '' } }) => {
    if (await context.store.tokens.revoke(id)) return new Response(null, { status: 204 });
    throw new AppError('not_found', `There is no token ${id}, or it is revoked already.`);
  },
);
