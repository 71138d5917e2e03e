'use client';

import { useEffect, useRef, useState } from 'react';
import { followStream } from './follow-stream';
import type { StreamState } from './hub';

interface StreamOptions<T> {
  /** The route with its query, but for `after`; null: nothing to follow. */
  path: string | null;
  /** Where to begin. */
  after: number;
  /** Gets what came since the last frame, in order. */
  onItems: (items: T[]) => void;
  /** Gets the data of events of these names, which have no id, at once. */
  onNamed?: Record<string, (data: unknown) => void>;
  /** Between two times that items are handed over: a page that only draws has no time left to read. */
  pauseMs?: number;
  /**
   * What a page does that nobody has seen for five seconds: it follows no more, and goes on from there once it is seen,
   * so that floods are not read for nobody; or it stays, for what its tab shows of itself.
   */
  whenHidden?: 'pause' | 'stay';
}

/**
 * Follows a stream of the API over the one connection that all tabs share, resuming by itself after every cut with the
 * last id it saw, until the stream says that it has ended. Items are handed over at once when it was quiet, and once in
 * `pauseMs` in a flood.
 */
export function useStream<T>({
  path,
  after,
  onItems,
  onNamed = {},
  pauseMs = 100,
  whenHidden = 'pause',
}: StreamOptions<T>): StreamState {
  const [state, setState] = useState<StreamState>({ name: 'connecting' });
  const handle = useRef(onItems);
  handle.current = onItems;
  const handleNamed = useRef(onNamed);
  handleNamed.current = onNamed;
  const start = useRef(after);
  start.current = after;

  useEffect(() => {
    if (path === null) return;
    return followStream<T>({
      path,
      after: start.current,
      pauseMs,
      whenHidden,
      onItems: (items) => handle.current(items),
      onNamed: (name, data) => handleNamed.current[name]?.(data),
      onState: setState,
    });
  }, [path, pauseMs, whenHidden]);

  return state;
}
