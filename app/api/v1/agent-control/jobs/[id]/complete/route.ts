import { holderOf } from '@/lib/http/agents/agent-access';
import { resultOf } from '@/lib/http/agents/job-result';
import { maskResult } from '@/lib/http/agents/mask-result';
import { completeJob } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(completeJob, async ({ context, principal, params, body }) => {
  const id = params.id ?? '';
  const result = maskResult(await context.jobMasks.of(id, body.agentId), resultOf(body));
  await context.store.jobs.complete(id, holderOf(principal, body), result);
  return Response.json({ id, state: 'done' });
});
