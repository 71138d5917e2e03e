import { holderOf, leaseTokenHeader } from '@/lib/http/agents/agent-access';
import { byteStream } from '@/lib/http/byte-stream';
import { getInput } from '@/lib/http/operations/agent-control';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** An artifact of an earlier step. Its agent knows the digest from the job and checks it. */
export const GET = route(getInput, async ({ context, request, principal, params, query }) => {
  const holder = holderOf(principal, { ...query, leaseToken: request.headers.get(leaseTokenHeader) });
  const input = await context.store.jobs.stepInput(params.id ?? '', holder, params.artifact ?? '');
  const opened = await context.store.artifacts.open(input.executionId, input.artifactId);
  if (!opened)
    throw new AppError('artifact_not_found', `The artifact for ${input.target} is not kept any more.`);
  return new Response(byteStream(opened.content), {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
  });
});
