import { type FrameStream, isFrameStream, type RouteResult } from './route-result';
import { sseHeaders } from './sse';
import type { OpenedStream, SseWriter } from './sse-writer';

/** Makes the `Response` of a result: the adapter for every server that calls route handlers as Next documents them. */
export function toWebResponse(result: RouteResult, { sse }: { sse: SseWriter }): Response {
  if (result instanceof Response) return result;
  if (isFrameStream(result)) return new Response(frameBody(result, sse), { headers: sseHeaders });
  return new Response(result.text, { status: result.status, headers: result.headers });
}

/**
 * A body that asks for the next frame only when the client has read the last one. The source opens at the first read,
 * so that an answer whose body nobody reads costs nothing, and closes when the client leaves.
 */
function frameBody(stream: FrameStream, sse: SseWriter): ReadableStream<Uint8Array> {
  let opened: OpenedStream | null = null;
  let isOver = false;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (opened) return opened.onDrain();
        opened = sse.open(stream, {
          write(chunk) {
            if (!isOver) controller.enqueue(chunk);
            return false;
          },
          end() {
            if (!isOver) controller.close();
            isOver = true;
          },
          destroy() {
            isOver = true;
            // Next logs what breaks a body off unless it has this name.
            controller.error(new DOMException('The stream was broken off.', 'AbortError'));
          },
        });
      },
      cancel() {
        isOver = true;
        opened?.onClose();
      },
    },
    { highWaterMark: 0 },
  );
}
