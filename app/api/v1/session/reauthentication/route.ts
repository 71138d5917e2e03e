import { getReauthenticationWays, reauthenticateSession } from '@/lib/http/operations/access';
import * as identity from '@/lib/identity/reauthentication';
import { route } from '@/lib/server';

export const GET = route(getReauthenticationWays, async ({ context, principal }) =>
  Response.json(await identity.reauthenticationWays(context, principal), {
    headers: { 'cache-control': 'no-store' },
  }),
);

export const POST = route(reauthenticateSession, async ({ context, principal, body, audit }) => {
  await identity.reauthenticate(context, principal, body);
  await audit.recordAfter({
    subject: { kind: 'session', id: principal.tokenId ?? '' },
    detail: { way: 'password' in body ? 'password' : 'token' },
  });
  return new Response(null, { status: 204 });
});
