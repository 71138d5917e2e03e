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
    const id = params.id ?? '';
    const masker = await context.jobMasks.of(id, body.agentId);
    const message = body.message && masker.cutText(body.message);
    await context.store.jobs.report(id, holderOf(principal, body), { ...body, message });
    return Response.json({ state: body.state });
  },
);
