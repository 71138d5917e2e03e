import { apiFetch } from './api';
import { forgetStreamToken, streamToken } from './stream-token';
import { watchHidden } from './watch-hidden';

/** How a page's stream is doing. */
export type StreamState =
  | { name: 'connecting' }
  | { name: 'live' }
  | { name: 'catching up' }
  | { name: 'offline'; since: number }
  | { name: 'ended' };

const pollMs = 10_000;

interface FollowOptions<T> {
  path: string;
  after: number;
  pauseMs: number;
  whenHidden: 'pause' | 'poll';
  /** The names of items that have no id. */
  names: readonly string[];
  onItems(items: T[]): void;
  onNamed(name: string, data: unknown): void;
  onState(change: (now: StreamState) => StreamState): void;
}

/** Follows a stream, as `useStream` describes it. Returns what ends it. */
export function followStream<T>(options: FollowOptions<T>): () => void {
  const { path, names, onNamed, onState } = options;
  const glue = path.includes('?') ? '&' : '?';
  const buffer = createBuffer(options.pauseMs, options.onItems);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cursor = options.after;
  let failures = 0;
  let place: 'following' | 'hidden' | 'ended' | 'left' = 'following';

  const fail = () => {
    source?.close();
    if (place !== 'following') return;
    failures += 1;
    onState((now) => stateAfterFailure(now, failures));
    if (failures % 3 === 0) forgetStreamToken();
    timer = setTimeout(connect, Math.min(500 * 2 ** failures, 8_000) * (0.75 + Math.random() / 2));
  };

  const connect = async () => {
    try {
      const text = await streamToken();
      if (place !== 'following') return;
      source = new EventSource(`${path}${glue}after=${cursor}&token=${encodeURIComponent(text)}`);
    } catch {
      // Not silent: the state says that the connection is gone, and it is tried again.
      return fail();
    }
    source.onopen = () => {
      failures = 0;
      onState(() => ({ name: 'live' }));
    };
    source.onerror = fail;
    source.onmessage = (message) => {
      if (message.lastEventId) cursor = Number(message.lastEventId);
      const data = JSON.parse(message.data);
      buffer.push(Array.isArray(data) ? data : [data]);
    };
    for (const name of names) {
      source.addEventListener(name, (message) => {
        if (place === 'following') onNamed(name, JSON.parse(message.data));
      });
    }
    source.addEventListener('end', () => {
      source?.close();
      place = 'ended';
      buffer.flush();
      onState(() => ({ name: 'ended' }));
    });
  };

  /** What the tab shows of itself stays true while nobody sees the page. */
  const poll = async () => {
    try {
      const page = await apiFetch<{ items: (T & { seq: number })[] }>(`${path}${glue}after=${cursor}`);
      if (place !== 'hidden') return;
      cursor = page.items.at(-1)?.seq ?? cursor;
      buffer.push(page.items);
    } catch {
      // Once the page is seen, its connection says what is wrong.
    }
    if (place === 'hidden') timer = setTimeout(poll, pollMs);
  };

  onState(() => ({ name: 'connecting' }));
  void connect();
  const stopWatching = watchHidden({
    hidden() {
      if (place !== 'following') return;
      place = 'hidden';
      source?.close();
      clearTimeout(timer);
      if (options.whenHidden === 'poll') timer = setTimeout(poll, pollMs);
    },
    shown() {
      if (place !== 'hidden') return;
      place = 'following';
      clearTimeout(timer);
      void connect();
    },
  });
  return () => {
    place = 'left';
    stopWatching();
    clearTimeout(timer);
    source?.close();
    buffer.end();
  };
}

function stateAfterFailure(now: StreamState, failures: number): StreamState {
  if (now.name === 'offline') return now;
  return failures > 1 ? { name: 'offline', since: Date.now() } : { name: 'catching up' };
}

/** Hands items over in a frame of the browser: at once when it was quiet, and once in `pauseMs` in a flood. */
function createBuffer<T>(pauseMs: number, onItems: (items: T[]) => void) {
  let items: T[] = [];
  let isWaiting = false;
  let isOver = false;
  let flushedAt = 0;
  const flush = () => {
    isWaiting = false;
    flushedAt = Date.now();
    const taken = items;
    items = [];
    if (taken.length > 0 && !isOver) onItems(taken);
  };
  return {
    flush,
    push(more: readonly T[]) {
      for (const item of more) items.push(item);
      if (isWaiting || items.length === 0) return;
      isWaiting = true;
      const restMs = flushedAt + pauseMs - Date.now();
      // A hidden page gets no frames.
      if (document.hidden) setTimeout(flush, 250);
      else if (restMs <= 0) requestAnimationFrame(flush);
      else setTimeout(() => requestAnimationFrame(flush), restMs);
    },
    end() {
      isOver = true;
    },
  };
}
