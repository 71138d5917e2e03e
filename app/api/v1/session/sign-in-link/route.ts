import { createSignInLink } from '@/lib/http/operations/access';
import { route } from '@/lib/server';

/** A one-time sign-in token, for `gantry sign-in`. */
export const POST = route(createSignInLink, async ({ context, audit }) => {
  await audit.record({});
  const token = await context.newSignInToken();
  return Response.json({ token }, { status: 201, headers: { 'cache-control': 'no-store' } });
});
