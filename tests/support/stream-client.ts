import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { RunningGantry } from './server';

export interface Cut {
  /** Bytes that this connection may deliver before the client is gone; infinite to stay to the end. */
  bytes: number;
  /** Where to go on, and in which of the two ways that is said. */
  after: number;
  by: 'header' | 'query';
}

export interface Connection {
  status: number;
  messages: EventSourceMessage[];
  /** The stream said that it is over. */
  ended: boolean;
}

/** One connection to an SSE route, cut off after so many bytes wherever that is. */
export async function readStream(gantry: RunningGantry, path: string, cut: Cut): Promise<Connection> {
  const url = new URL(path, gantry.url);
  const headers: Record<string, string> = {
    authorization: `Bearer ${gantry.token}`,
    accept: 'text/event-stream',
  };
  if (cut.by === 'header') headers['last-event-id'] = String(cut.after);
  else url.searchParams.set('after', String(cut.after));
  const response = await fetch(url, { headers });
  const messages: EventSourceMessage[] = [];
  if (!response.ok || response.status === 204) return { status: response.status, messages, ended: false };
  let ended = false;
  const parser = createParser({
    onEvent: (message) => {
      if (message.event === 'end') ended = true;
      else messages.push(message);
    },
  });
  const decoder = new TextDecoder();
  let left = cut.bytes;
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk.subarray(0, left), { stream: true }));
    left -= chunk.length;
    // Leaving the loop closes the connection.
    if (left <= 0) break;
  }
  return { status: response.status, messages, ended };
}
