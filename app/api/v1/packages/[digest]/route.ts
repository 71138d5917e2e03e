import { byteStream } from '@/lib/http/byte-stream';
import { downloadPackage } from '@/lib/http/operations/platform';
import { admitDownload } from '@/lib/identity/package-token';
import { route } from '@/lib/server';

/** The files of a suite as a tar stream, for a pod that was given a token for this one download. */
export const GET = route(downloadPackage, async ({ context, request, params }) => {
  const digest = params.digest ?? '';
  const { spend } = await admitDownload(context, request, digest);
  const content = await context.store.packages.open(digest);
  async function* once() {
    yield* content;
    await spend();
  }
  return new Response(byteStream(once()), {
    headers: { 'content-type': 'application/x-tar', 'cache-control': 'no-store, no-transform' },
  });
});
