import { acceptInvitation } from '@/lib/http/operations/people';
import { sessionOrigin } from '@/lib/http/sign-in-request';
import { acceptInvitation as choosePassword } from '@/lib/identity/invitation';
import { beginSession } from '@/lib/identity/session';
import { startCookie } from '@/lib/identity/session-cookie';
import { route } from '@/lib/server';

export const POST = route(acceptInvitation, async ({ context, request, body, audit }) => {
  const user = await choosePassword(context, body.token, body.password);
  const { session, text, expiresAt } = await beginSession(context, user, sessionOrigin(request));
  await audit.record({
    actor: { kind: 'person', id: session.id, name: user.name },
    subject: { kind: 'session', id: session.id },
    detail: { role: user.role, way: 'invitation' },
  });
  return new Response(null, {
    status: 204,
    headers: { 'set-cookie': startCookie(context, text, expiresAt) },
  });
});
