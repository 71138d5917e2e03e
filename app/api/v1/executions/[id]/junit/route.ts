import { byteStream } from '@/lib/http/byte-stream';
import { getJunit } from '@/lib/http/operations/executions';
import { publicOrigin } from '@/lib/http/public-origin';
import { route } from '@/lib/server';

/** Always a download: what a suite wrote is never shown as a page of Gantry's own origin. */
export const GET = route(getJunit, async ({ context, params, request }) => {
  const { id = '' } = params;
  return new Response(byteStream(await context.engine.junit(id, publicOrigin(request.headers))), {
    headers: {
      'content-type': 'application/xml',
      'content-disposition': `attachment; filename="${id}.junit.xml"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
    },
  });
});
