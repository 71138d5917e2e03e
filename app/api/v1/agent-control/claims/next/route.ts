import { tokenOf } from '@/lib/http/agents/agent-access';
import { plainJson } from '@/lib/http/asked';
import { claimJob } from '@/lib/http/operations/agent-control';
import { oftenAsked, route } from '@/lib/server';

const usualWaitMs = 10_000;

/** Long-polls for work: 200 with a job, or 204. */
export const POST = oftenAsked(
  ['/api/v1/agent-control/claims/next', '/agent-control/claims/next'],
  route(claimJob, async ({ context, request, principal, body }) => {
    const job = await context.claimDesk.claim({
      agentId: body.agentId,
      tokenId: tokenOf(principal),
      instance: body.instance ?? null,
      kind: body.kind ?? 'step',
      claimId: body.claimId ?? null,
      waitMs: body.waitMs ?? usualWaitMs,
      signal: request.signal,
    });
    const headers = { 'cache-control': 'no-store' };
    return job ? plainJson({ job }, headers) : { status: 204, headers, text: null };
  }),
);
