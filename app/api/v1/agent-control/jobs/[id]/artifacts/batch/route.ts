import { holderOf } from '@/lib/http/agents/agent-access';
import { sendArtifacts } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

export const POST = route(sendArtifacts, async ({ context, principal, params, body }) => {
  const id = params.id ?? '';
  const masker = await context.jobMasks.of(id, body.agentId);
  const files = body.files.map(({ content, ...file }) => ({
    ...file,
    path: masker.text(file.path),
    content: Buffer.from(content, 'base64'),
  }));
  const { maxArtifactBytes } = context.config;
  await context.store.jobs.putArtifacts(id, holderOf(principal, body), files, maxArtifactBytes, masker.bytes);
  return Response.json({ stored: files.length }, { status: 201 });
});
