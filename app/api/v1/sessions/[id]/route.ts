import { revokeSession } from '@/lib/http/operations/people';
import { hasRole } from '@/lib/identity/principal';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** Somebody else's session is as unknown to who is no admin as one that never was. */
export const DELETE = route(revokeSession, async ({ context, principal, params: { id = '' } }) => {
  const { tokens } = context.store;
  const callerTokenId = principal.tokenId ?? '';
  const mayEnd =
    hasRole(principal, 'admin') ||
    (await tokens.sessions({ callerTokenId }, callerTokenId)).some((session) => session.id === id);
  if (mayEnd && (await tokens.revoke(id, 'session'))) return new Response(null, { status: 204 });
  throw new AppError('not_found', `There is no session ${id} of yours, or it has ended already.`);
});
