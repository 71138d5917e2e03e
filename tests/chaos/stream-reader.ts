import { createParser } from 'eventsource-parser';
import type { ControlPlane } from './control-plane';
import type { Random } from './random';

interface Numbered {
  seq: number;
}

/**
 * Reads a stream of an execution to its end as a browser does that is cut off again and again and comes back,
 * now to this control plane, now to that one. Rejects when an item is missing or comes twice.
 */
export async function readStream<T extends Numbered>(
  planes: readonly ControlPlane[],
  random: Random,
  path: string,
  token: string,
  signal: AbortSignal,
  /** It is cut off after so many items at most. */
  most = 60,
): Promise<T[]> {
  const items: T[] = [];
  while (!signal.aborted) {
    const plane = random.pick(planes);
    const cut = new AbortController();
    let left = most === Number.POSITIVE_INFINITY ? most : random.whole(1, most);
    try {
      const response = await fetch(plane.api.url + path, {
        signal: AbortSignal.any([cut.signal, signal]),
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'text/event-stream',
          'last-event-id': items.length > 0 ? `${items.at(-1)?.seq}` : '',
        },
      });
      if (response.status === 204) return items;
      if (!response.ok || !response.body) throw new Error(`${response.status}`);
      let isEnd = false;
      const parser = createParser({
        onEvent(message) {
          if (message.event === 'end') isEnd = true;
          else if (left > 0) {
            take(items, JSON.parse(message.data), path);
            left -= 1;
          }
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of response.body) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (left === 0) break;
      }
      if (isEnd && left > 0) return items;
    } catch (error) {
      if (error instanceof BrokenStream) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      cut.abort();
    }
  }
  return items;
}

class BrokenStream extends Error {}

function take<T extends Numbered>(items: T[], item: T, path: string): void {
  const expected = (items.at(-1)?.seq ?? 0) + 1;
  if (item.seq !== expected) throw new BrokenStream(`${path}: expected item ${expected}, got ${item.seq}`);
  items.push(item);
}
