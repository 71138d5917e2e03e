import { listSessions, revokeSessions } from '@/lib/http/operations/people';
import { hasRole } from '@/lib/identity/principal';
import { endCookie } from '@/lib/identity/session-cookie';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(listSessions, async ({ context, principal, query }) => {
  if (query.of === 'all' && !hasRole(principal, 'admin'))
    throw new AppError(
      'forbidden',
      `The sessions of everybody need the role admin; ${principal.name} is ${principal.role}.`,
    );
  const callerTokenId = principal.tokenId ?? '';
  const items = await context.store.tokens.sessions(
    query.of === 'all' ? 'all' : { callerTokenId },
    callerTokenId,
  );
  return Response.json({ items }, { headers: { 'cache-control': 'no-store' } });
});

/** For an API token: the sessions that were begun with it. */
export const DELETE = route(revokeSessions, async ({ context, principal, audit }) => {
  const ended = await context.store.tokens.endSessions({ callerTokenId: principal.tokenId ?? '' });
  const subject = { kind: 'session' as const, id: principal.tokenId ?? '' };
  await audit.recordAfter({ subject, detail: { ended: ended.length } });
  const headers = principal.via === 'cookie' ? { 'set-cookie': endCookie(context) } : undefined;
  return Response.json({ ended: ended.length }, { headers });
});
