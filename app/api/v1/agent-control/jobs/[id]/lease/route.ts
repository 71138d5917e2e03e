import { holderOf } from '@/lib/http/agents/agent-access';
import { keepLease } from '@/lib/http/agents/lease';
import { leaseRequest } from '@/lib/model/job';
import { route } from '@/lib/server';

export const POST = route(
  {
    access: 'agent',
    audit: { action: 'agent.control', subject: 'job', isRoutine: true },
    body: leaseRequest,
  },
  async ({ context, request, principal, params, body }) =>
    Response.json(
      await keepLease(context, params.id ?? '', holderOf(principal, body), {
        leaseMs: context.config.agentLeaseMs,
        waitMs: body.waitMs ?? 0,
        signal: request.signal,
      }),
    ),
);
