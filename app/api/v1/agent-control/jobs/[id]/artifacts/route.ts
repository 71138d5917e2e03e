import { holderOf, leaseTokenHeader } from '@/lib/http/agents/agent-access';
import { sendArtifact } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

/** One file; its bytes are the body, as they are. */
export const POST = route(sendArtifact, async ({ context, request, principal, params, query }) => {
  const { agentId, path, format, sha256 } = query;
  const holder = holderOf(principal, { agentId, leaseToken: request.headers.get(leaseTokenHeader) });
  const id = params.id ?? '';
  const masker = await context.jobMasks.of(id, agentId);
  const artifact = { path: masker.text(path), format, sha256 };
  const { maxArtifactBytes } = context.config;
  const body: AsyncIterable<Uint8Array> = request.body ?? new Blob([]).stream();
  await context.store.jobs.putArtifact(id, holder, artifact, body, maxArtifactBytes, masker.bytes);
  return Response.json({ path, sha256 }, { status: 201 });
});
