import { byteStream } from '@/lib/http/byte-stream';
import { logFilter } from '@/lib/http/execution-queries';
import { encodeLines, linesAsText, withUnfinished } from '@/lib/http/log-frames';
import { streamLogs } from '@/lib/http/operations/executions';
import { enterShare } from '@/lib/http/route';
import { readInTurn, searchInTurn } from '@/lib/http/search-in-turn';
import { frameStream, nothingMore } from '@/lib/http/sse';
import { isPastEnd, readCursor, wantedType } from '@/lib/http/stream-cursor';
import { AppError } from '@/lib/model/errors';
import { isFinalExecution } from '@/lib/model/status';
import { route } from '@/lib/server';

/** The output of an execution: SSE, a page as JSON, or the whole as text. */
export const GET = route(streamLogs, async ({ context, request, params, query, principal }) => {
  const { id = '' } = params;
  const { logs, executions } = context.store;
  const summary = await executions.summary(id);
  if (!summary) throw new AppError('execution_not_found', `There is no execution ${id}.`);
  const cursor = readCursor(request, query.after);
  const filter = logFilter(query);
  const type = query.format ?? wantedType(request);
  const isWindow = query.row !== undefined || query.around !== undefined;
  if (isWindow && (type !== 'json' || query.step === undefined))
    throw new AppError('bad_request', '`row` and `around` are for a page as JSON of one `step`.');
  if (isWindow && query.step !== undefined) {
    const { step, attempt, row, around, limit = 1_000 } = query;
    const { lines, ...window } = await logs.readStep(id, { stepId: step, attempt, row, around, limit });
    const next = lines.at(-1)?.seq ?? null;
    const isLast = window.row + lines.length > window.total;
    return Response.json({ items: lines, nextAfter: isLast ? null : next, ...window });
  }
  const shares = context.searchShares;
  const enter = (signal: AbortSignal) => enterShare({ shares }, { signal }, principal);
  const enterHistory = (signal: AbortSignal) =>
    enterShare({ shares: context.historyShares }, { signal }, principal);
  const pages = searchInTurn(logs, filter, () => enter(request.signal), request.signal);
  if (type === 'json') {
    const { lines, scannedTo, lastSeq } = await pages.read(id, cursor.after, query.limit ?? 1_000, filter);
    return Response.json({ items: lines, nextAfter: scannedTo < lastSeq ? scannedTo : null, lastSeq });
  }
  if (type === 'text') {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="${id}.log"`,
    };
    const whole = readInTurn(pages, () => enterHistory(request.signal));
    return new Response(byteStream(await linesAsText(whole, id, cursor.after, filter)), { headers });
  }
  if (isPastEnd(cursor, await logs.lastSeq(id), isFinalExecution(summary.status))) return nothingMore();
  await pages.checkPattern();
  const encode = encodeLines(query.batch === '1');
  const { streams } = context;
  async function* frames(signal: AbortSignal) {
    if (Object.keys(filter).length === 0) {
      for await (const batch of streams.lines(id, cursor.after, signal, () => enterHistory(signal)))
        yield encode.batch(batch);
    } else {
      const turn = () => enter(signal);
      for await (const lines of streams.filteredLines(id, cursor.after, filter, signal, turn))
        yield encode.lines(lines);
    }
  }
  const wanted = query.unfinished === '1' ? withUnfinished(streams, id, filter, frames) : frames;
  return frameStream(principal, wanted);
});
