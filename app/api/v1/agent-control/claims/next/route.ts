import { tokenOf } from '@/lib/http/agents/agent-access';
import { claimJob } from '@/lib/http/operations/agent-control';
import { plainJson } from '@/lib/http/route-result';
import { route } from '@/lib/server';

const defaultWaitMs = 10_000;

/** Long-polls for work: 200 with a job, or 204. */
export const POST = route(claimJob, async ({ context, request, principal, body }) => {
  const job = await context.jobDispatcher.claim({
    agentId: body.agentId,
    tokenId: tokenOf(principal),
    instance: body.instance ?? null,
    kind: body.kind ?? 'step',
    claimId: body.claimId ?? null,
    waitMs: body.waitMs ?? defaultWaitMs,
    signal: request.signal,
  });
  const headers = { 'cache-control': 'no-store' };
  return job ? plainJson({ job }, headers) : { status: 204, headers, text: null };
});
