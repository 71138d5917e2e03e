import { holderOf, leaseTokenHeader } from '@/lib/http/agents/agent-access';
import { transferDigest } from '@/lib/http/agents/package-digest';
import { byteStream } from '@/lib/http/byte-stream';
import { getPackage } from '@/lib/http/operations/agent-control';
import { route } from '@/lib/server';

/** The files of the step's suite, as a tar stream. */
export const GET = route(getPackage, async ({ context, request, principal, params, query }) => {
  const holder = holderOf(principal, { ...query, leaseToken: request.headers.get(leaseTokenHeader) });
  const digest = await context.store.jobs.packageDigest(params.id ?? '', holder);
  const sha256 = await transferDigest(context, digest);
  return new Response(byteStream(await context.store.packages.open(digest)), {
    headers: {
      'content-type': 'application/x-tar',
      'cache-control': 'no-store',
      'x-gantry-package': digest,
      'x-gantry-sha256': sha256,
    },
  });
});
