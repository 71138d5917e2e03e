import { holderOf } from '@/lib/http/agents/agent-access';
import { reportState } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(reportState, async ({ context, principal, params, body }) => {
  const id = params.id ?? '';
  const masker = await context.jobMasks.of(id, body.agentId);
  const message = body.message && masker.cutText(body.message);
  await context.store.jobs.report(id, holderOf(principal, body), { ...body, message });
  return Response.json({ state: body.state });
});
