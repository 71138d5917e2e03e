import { revokeAgentToken } from '@/lib/http/operations/agents';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** Revokes it: its agents can do nothing from now on. */
export const DELETE = route(revokeAgentToken, async ({ context, params: { token: id = '' }, audit }) => {
  if (!(await context.store.tokens.revoke(id, 'agent'))) {
    throw new AppError('not_found', `There is no token ${id} of agents, or it is revoked already.`);
  }
  await audit.recordAfter({ subject: { kind: 'token', id } });
  return new Response(null, { status: 204 });
});
