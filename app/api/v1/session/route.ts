import { getSession, signIn, signOut } from '@/lib/http/operations/access';
import { sessionOrigin } from '@/lib/http/sign-in-request';
import { startSession } from '@/lib/identity/session';
import { endCookie, startCookie } from '@/lib/identity/session-cookie';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

export const GET = route(getSession, async ({ principal }) =>
  Response.json({ name: principal.name, role: principal.role }, { headers: { 'cache-control': 'no-store' } }),
);

/** Signs this browser out. */
export const DELETE = route(signOut, async ({ context, principal, audit }) => {
  const { tokenId: id, via } = principal;
  if (via !== 'cookie' || !id)
    throw new AppError('conflict', 'Only a browser can be signed out: revoke a token instead.');
  await context.store.tokens.revoke(id);
  await audit.recordAfter({ subject: { kind: 'session', id } });
  return new Response(null, { status: 204, headers: { 'set-cookie': endCookie(context) } });
});

/** Signs a browser in with a one-time sign-in token or an API token. */
export const POST = route(signIn, async ({ context, request, body, audit }) => {
  const { session, text, expiresAt } = await startSession(context, body.token, sessionOrigin(request));
  await audit.record({
    actor: { kind: 'person', id: session.id, name: session.name },
    subject: { kind: 'session', id: session.id },
    detail: { role: session.role },
  });
  return new Response(null, {
    status: 204,
    headers: { 'set-cookie': startCookie(context, text, expiresAt) },
  });
});
