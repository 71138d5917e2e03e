import { route } from '@/lib/server';

/** A one-time sign-in token, for `gantry sign-in`. */
export const POST = route({ access: 'admin' }, async ({ context }) =>
  Response.json(
    { token: await context.newSignInToken() },
    { status: 201, headers: { 'cache-control': 'no-store' } },
  ),
);
