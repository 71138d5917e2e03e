import { EventSourceParserStream } from 'eventsource-parser/stream';
import { apiErrorOf } from './api';

/**
 * Posts a request whose answer is a stream of progress, and hands each item over. Resolves with null when the work is
 * done, or with why it is not; the work itself goes on when this page leaves, unless `ifCut` tells otherwise of a
 * connection that ended before.
 */
export async function followProgress<T>(
  path: string,
  body: object,
  onItem: (item: T) => void,
  signal?: AbortSignal,
  ifCut = 'The connection ended before the work was done. It goes on; look again.',
): Promise<string | null> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok || !response.body) return (await apiErrorOf(response)).message;
    const items = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader();
    for (;;) {
      const { done, value } = await items.read();
      if (done) return ifCut;
      if (value.event === 'end') return null;
      const item = JSON.parse(value.data);
      if (item.type === 'error') return item.detail;
      onItem(item);
    }
  } catch (error) {
    if (signal?.aborted) return null;
    return error instanceof Error ? `Gantry does not answer: ${error.message}` : 'Gantry does not answer.';
  }
}
