import { z } from 'zod';
import type { Principal } from '../identity/principal';
import { AppError, messageOf } from '../model/errors';
import { errorCode } from './problem';
import { type RouteRequest, wantsEvents } from './route-request';
import type { RouteResult } from './route-result';
import { frame, frameStream } from './sse';

const encoder = new TextEncoder();

/** An error that comes after the stream has begun is its last item. */
export const lateProblem = z.object({ type: z.literal('error'), code: errorCode, detail: z.string() });

/**
 * Answers a request for something that takes a while: the result as JSON when it is done, or with
 * `Accept: text/event-stream` what `work` says meanwhile, and `lateProblem`. The work goes on when the client leaves.
 */
export async function progressResponse<T, Progress>(
  request: RouteRequest,
  principal: Pick<Principal, 'tokenId' | 'standing'>,
  work: (say: (progress: Progress) => void) => Promise<T>,
): Promise<RouteResult> {
  if (!wantsEvents(request)) {
    return Response.json(await work(() => undefined));
  }
  const items: string[] = [];
  let isOver = false;
  let wake = () => {};
  const push = (item: z.infer<typeof lateProblem> | Progress) => {
    items.push(JSON.stringify(item));
    wake();
  };
  const done = work(push)
    .catch((error: unknown) =>
      push({
        type: 'error',
        code: error instanceof AppError ? error.code : 'internal',
        detail: messageOf(error),
      }),
    )
    .finally(() => {
      isOver = true;
      wake();
    });
  return frameStream(principal, async function* (signal) {
    signal.addEventListener('abort', () => wake(), { once: true });
    let sent = 0;
    while (!signal.aborted) {
      for (let item = items[sent]; item !== undefined; item = items[sent]) {
        sent += 1;
        yield encoder.encode(frame(sent, item));
      }
      if (isOver) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (sent < items.length || isOver || signal.aborted) resolve();
      });
    }
    if (isOver) await done;
  });
}
