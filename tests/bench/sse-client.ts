import { type ClientRequest, request } from 'node:http';

export interface SseFrame {
  id: number;
  data: string;
  /** The name that the server gave it; empty for an item. */
  event: string;
}

export interface SseClient {
  /** Resolves when the answer has begun. */
  opened: Promise<void>;
  /** Resolves when the stream has ended; rejects when it broke before `close`. */
  ended: Promise<void>;
  close(): void;
}

/** For a client that comes again. */
interface ComingBack {
  lastEventId?: number;
  /** How long the server wants it to wait before, in milliseconds. */
  onRetry?(ms: number): void;
}

/** As little of a client as there can be: cuts the stream into frames and hands each over at once. */
export function openSse(
  url: URL,
  token: string,
  onFrame: (frame: SseFrame) => void,
  { lastEventId, onRetry }: ComingBack = {},
): SseClient {
  let isClosed = false;
  let client: ClientRequest | undefined;
  let open: () => void = () => {};
  let failOpening: (error: unknown) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    failOpening = reject;
  });
  const ended = new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      failOpening(error);
      if (isClosed) resolve();
      else reject(error);
    };
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    };
    client = request(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return fail(new Error(`${url.pathname}: ${response.statusCode}`));
      open();
      response.setEncoding('latin1');
      response.on('data', cutFrames(onFrame, onRetry));
      response.on('end', resolve);
      response.on('error', fail);
    });
    client.on('error', fail);
    client.end();
  });
  ended.catch(() => undefined);
  opened.catch(() => undefined);
  return {
    opened,
    ended,
    close() {
      isClosed = true;
      client?.destroy();
    },
  };
}

function cutFrames(
  onFrame: (frame: SseFrame) => void,
  onRetry: (ms: number) => void = () => undefined,
): (chunk: string) => void {
  let rest = '';
  let endsInNewline = false;
  return (chunk) => {
    // The end of a frame may be cut in two. A frame in many chunks is put together only once.
    const hasEnd = chunk.includes('\n\n') || (endsInNewline && chunk.startsWith('\n'));
    let from = Math.max(0, rest.length - 1);
    rest += chunk;
    endsInNewline = chunk.endsWith('\n');
    if (!hasEnd) return;
    let start = 0;
    for (let end = rest.indexOf('\n\n', from); end >= 0; end = rest.indexOf('\n\n', from)) {
      const frame = parseFrame(rest.slice(start, end));
      if (frame.data || frame.event) onFrame(frame);
      else if (rest.startsWith('retry: ', start)) onRetry(Number(rest.slice(start + 7, end)));
      start = end + 2;
      from = start;
    }
    rest = rest.slice(start);
  };
}

function parseFrame(text: string): SseFrame {
  const frame: SseFrame = { id: 0, data: '', event: '' };
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (text.startsWith('data: ', start)) frame.data = text.slice(start + 6, end);
    else if (text.startsWith('id: ', start)) frame.id = Number(text.slice(start + 4, end));
    else if (text.startsWith('event: ', start)) frame.event = text.slice(start + 7, end);
    start = end + 1;
  }
  return frame;
}
