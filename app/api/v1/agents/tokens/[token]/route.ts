import { route } from '@/lib/server';

/** Revokes it: its agents can do nothing from now on. */
export const DELETE = route(
  { access: 'admin', audit: { action: 'token.revoke', subject: 'token' } },
  async ({ context, params: { token: id = '' }, audit }) => {
    await context.store.tokens.revoke(id);
    await audit.recordAfter({ subject: { kind: 'token', id } });
    return new Response(null, { status: 204 });
  },
);
