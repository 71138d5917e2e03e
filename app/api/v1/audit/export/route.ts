import { exportAudit } from '@/lib/http/audit-export';
import { byteStream } from '@/lib/http/byte-stream';
import { exportAuditEntries } from '@/lib/http/operations/access';
import { route } from '@/lib/server';

export const GET = route(
  exportAuditEntries,
  async ({ context, query: { after } }) =>
    new Response(byteStream(exportAudit(context, after)), {
      headers: {
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="audit.jsonl"',
        'cache-control': 'no-store',
      },
    }),
);
