import { holderOf } from '@/lib/http/agents/agent-access';
import { reportState } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(reportState, async ({ context, principal, params, body }) => {
  const id = params.id ?? '';
  const masker = await context.jobMasks.of(id, body.agentId);
  const message = body.message && masker.cutText(body.message);
  const unfinished = body.unfinished?.map(({ stream, text }) => ({
    stream,
    text: masker.stream().push(text),
  }));
  await context.store.jobs.report(id, holderOf(principal, body), { ...body, message, unfinished });
  return Response.json({ state: body.state });
});
