import { makeStreamToken } from '@/lib/http/operations/access';
import { newStreamToken } from '@/lib/identity/stream-token';
import { route } from '@/lib/server';

/** A short-lived token for `?token=` on the streams. */
export const POST = route(makeStreamToken, async ({ context, principal }) =>
  Response.json(newStreamToken(context.clock, context.store.installation.secret, principal), {
    headers: { 'cache-control': 'no-store' },
  }),
);
