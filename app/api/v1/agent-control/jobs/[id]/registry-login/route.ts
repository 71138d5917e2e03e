import { holderOf } from '@/lib/http/agents/agent-access';
import { findJobLogin } from '@/lib/http/agents/job-login';
import { getRegistryLogin } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(getRegistryLogin, async ({ context, principal, params, body }) => {
  const login = await findJobLogin(context, params.id ?? '', holderOf(principal, body), body.host);
  return Response.json({ login }, { headers: { 'cache-control': 'no-store' } });
});
