import { byteStream } from '@/lib/http/byte-stream';
import { downloadArtifact } from '@/lib/http/operations/executions';
import { AppError } from '@/lib/model/errors';
import { route } from '@/lib/server';

/** Always a download: what a suite wrote is never shown as a page of Gantry's own origin. */
export const GET = route(downloadArtifact, async ({ context, params }) => {
  const { id = '' } = params;
  const opened = await context.store.artifacts.open(id, params.artifact ?? '');
  if (!opened) {
    if (!(await context.store.executions.summary(id)))
      throw new AppError('execution_not_found', `There is no execution ${id}.`);
    throw new AppError('artifact_not_found', `There is no artifact ${params.artifact}.`);
  }
  const { artifact, content } = opened;
  const name = artifact.path.split('/').at(-1) ?? 'artifact';
  return new Response(byteStream(content), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(artifact.bytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
    },
  });
});
