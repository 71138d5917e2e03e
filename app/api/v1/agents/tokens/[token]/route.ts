import { route } from '@/lib/server';

/** Revokes it: its agents can do nothing from now on. */
export const DELETE = route({ access: 'admin' }, async ({ context, params }) => {
  await context.store.tokens.revoke(params.token ?? '');
  return new Response(null, { status: 204 });
});
