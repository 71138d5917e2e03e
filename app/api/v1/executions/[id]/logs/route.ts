import { byteStream } from '@/lib/http/byte-stream';
import { logFilter } from '@/lib/http/execution-queries';
import { encodeLines, linesAsText } from '@/lib/http/log-frames';
import { readLogs } from '@/lib/http/operations/executions';
import { nothingMore, sseResponse } from '@/lib/http/sse';
import { isPastEnd, readCursor, wantedType } from '@/lib/http/stream-cursor';
import { AppError } from '@/lib/model/errors';
import { isFinalExecution } from '@/lib/model/status';
import { route } from '@/lib/server';

/** The output of an execution: SSE, a page as JSON, or the whole as text. */
export const GET = route(readLogs, async ({ context, request, params, query }) => {
  const { id = '' } = params;
  const { logs, executions } = context.store;
  const summary = await executions.summary(id);
  if (!summary) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  const cursor = readCursor(request, query.after);
  const filter = logFilter(query);
  const type = query.format ?? wantedType(request);
  if (type === 'json') {
    const { lines, scannedTo, lastSeq } = await logs.read(id, cursor.after, query.limit ?? 1_000, filter);
    return Response.json({ items: lines, nextAfter: scannedTo < lastSeq ? scannedTo : null, lastSeq });
  }
  if (type === 'text') {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="${id}.log"`,
    };
    return new Response(byteStream(linesAsText(logs, id, cursor.after, filter)), { headers });
  }
  if (isPastEnd(cursor, await logs.lastSeq(id), isFinalExecution(summary.status))) return nothingMore();
  const encode = encodeLines(query.batch === '1');
  return sseResponse(context, async function* (signal) {
    if (Object.keys(filter).length === 0) {
      for await (const batch of context.streams.lines(id, cursor.after, signal)) yield encode.batch(batch);
    } else {
      for await (const lines of context.streams.filteredLines(id, cursor.after, filter, signal))
        yield encode.lines(lines);
    }
  });
});
