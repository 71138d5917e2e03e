import { holderOf } from '@/lib/http/agents/agent-access';
import { extendLease } from '@/lib/http/agents/extend-lease';
import { renewLease } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(renewLease, async ({ context, request, principal, params, body }) =>
  Response.json(
    await extendLease(context, params.id ?? '', holderOf(principal, body), {
      leaseMs: context.config.agentLeaseMs,
      waitMs: body.waitMs ?? 0,
      signal: request.signal,
    }),
  ),
);
