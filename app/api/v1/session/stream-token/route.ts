import { createStreamToken } from '@/lib/http/operations/access';
import { newStreamToken } from '@/lib/identity/stream-token';
import { route } from '@/lib/server';

/** A short-lived token for `?token=` on the streams. Every page of a session makes one: that is no news. */
export const POST = route(createStreamToken, async ({ context, principal, audit }) => {
  if (principal.via === 'cookie') audit.skip();
  else await audit.record({ subject: { kind: 'token', id: principal.tokenId ?? '' } });
  return Response.json(newStreamToken(context.clock, context.store.installation.secret, principal), {
    headers: { 'cache-control': 'no-store' },
  });
});
