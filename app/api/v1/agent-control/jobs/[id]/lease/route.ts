import { holderOf } from '@/lib/http/agents/agent-access';
import { keepLease } from '@/lib/http/agents/lease';
import { renewLease } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(renewLease, async ({ context, request, principal, params, body }) =>
  Response.json(
    await keepLease(context, params.id ?? '', holderOf(principal, body), {
      leaseMs: context.config.agentLeaseMs,
      waitMs: body.waitMs ?? 0,
      signal: request.signal,
    }),
  ),
);
