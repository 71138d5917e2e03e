import { followTopic } from './follow-topic';
import type { StreamState } from './hub';
import { watchHidden } from './watch-hidden';

interface FollowOptions<T> {
  path: string;
  after: number;
  pauseMs: number;
  whenHidden: 'pause' | 'stay';
  onItems(items: T[]): void;
  /** An item that has a name and no id. */
  onNamed(name: string, data: unknown): void;
  onState(now: StreamState): void;
}

/** Follows a stream, as `useStream` describes it. Returns what ends it. */
export function followStream<T>(options: FollowOptions<T>): () => void {
  const { path, onNamed, onState } = options;
  const buffer = createBuffer(options.pauseMs, options.onItems);
  let { after } = options;
  let hasEnded = false;
  let leave: (() => void) | null = null;

  function follow(): void {
    leave = followTopic({
      path,
      after,
      onItems(items) {
        for (const { data, lastId, name } of items) {
          after = lastId ?? after;
          const value = JSON.parse(data);
          if (name !== undefined) onNamed(name, value);
          else buffer.push(Array.isArray(value) ? value : [value]);
        }
      },
      onState(now) {
        hasEnded = now.name === 'ended';
        if (hasEnded) buffer.flush();
        onState(now);
      },
    });
  }

  function pause(): void {
    leave?.();
    leave = null;
  }

  onState({ name: 'connecting' });
  follow();
  const stopWatching =
    options.whenHidden === 'stay'
      ? () => {}
      : watchHidden({
          hidden: pause,
          shown() {
            if (!hasEnded) follow();
          },
        });
  return () => {
    stopWatching();
    pause();
    buffer.end();
  };
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
