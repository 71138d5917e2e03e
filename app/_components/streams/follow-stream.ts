import { followSubscription } from './follow-subscription';
import { createFrameBuffer } from './frame-buffer';
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
  const buffer = createFrameBuffer(options.pauseMs, options.onItems);
  let { after } = options;
  let hasEnded = false;
  let leave: (() => void) | null = null;

  function follow(): void {
    leave = followSubscription({
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
