import { encodeEvents } from '@/lib/http/event-frames';
import { streamEvents } from '@/lib/http/operations/executions';
import { frameStream, nothingMore } from '@/lib/http/sse';
import { isPastEnd, readCursor, wantedType } from '@/lib/http/stream-cursor';
import { AppError } from '@/lib/model/errors';
import { isFinalExecution } from '@/lib/model/status';
import { route } from '@/lib/server';

/** The history of an execution and what comes: SSE, or a page of it with `Accept: application/json`. */
export const GET = route(streamEvents, async ({ context, request, params, query, principal }) => {
  const { id = '' } = params;
  const summary = await context.store.executions.summary(id);
  if (!summary) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  const cursor = readCursor(request, query.after);
  if (wantedType(request) === 'json') {
    const items = await context.store.events.read(id, cursor.after, query.limit ?? 1_000);
    const last = items.at(-1)?.seq ?? cursor.after;
    return Response.json({
      items,
      nextAfter: last < summary.lastEventSeq ? last : null,
      lastSeq: summary.lastEventSeq,
    });
  }
  if (isPastEnd(cursor, summary.lastEventSeq, isFinalExecution(summary.status))) return nothingMore();
  return frameStream(principal, async function* (signal) {
    for await (const batch of context.streams.events(id, cursor.after, signal)) yield encodeEvents(batch);
  });
});
