import { holderOf } from '@/lib/http/agents/agent-access';
import { stateRequest } from '@/lib/model/job';
import { route } from '@/lib/server';

export const POST = route(
  {
    access: 'agent',
    audit: { action: 'agent.control', subject: 'job', isRoutine: true },
    body: stateRequest,
  },
  async ({ context, principal, params, body }) => {
    await context.store.jobs.report(params.id ?? '', holderOf(principal, body), body);
    return Response.json({ state: body.state });
  },
);
