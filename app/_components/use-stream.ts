'use client';

import { useEffect, useRef, useState } from 'react';
import { ask } from './api';

export type StreamState =
  | { name: 'connecting' }
  | { name: 'live' }
  | { name: 'catching up' }
  | { name: 'offline'; since: number }
  | { name: 'ended' };

interface StreamOptions<T> {
  /** The route with its query, but for `after` and `token`; null: nothing to follow. */
  path: string | null;
  /** Where to begin. */
  after: number;
  /** Gets what came since the last frame, in order. */
  onItems: (items: T[]) => void;
}

/** Between two times that items are handed over: a page that only draws has no time left to read. */
const pauseMs = 100;

let token: { text: string; expiresAt: number } | null = null;

/** EventSource cannot send headers, so streams take a short-lived token in the query. */
async function streamToken(): Promise<string> {
  if (token && token.expiresAt - Date.now() > 60_000) return token.text;
  const made = await ask<{ token: string; expiresAt: string }>('/api/v1/session/stream-token', {
    method: 'POST',
  });
  token = { text: made.token, expiresAt: Date.parse(made.expiresAt) };
  return token.text;
}

/**
 * Follows a stream of the API, resuming by itself after every cut with the last id it saw, until the stream says
 * that it has ended. Items are handed over at once when it was quiet, and ten times a second in a flood.
 */
export function useStream<T>({ path, after, onItems }: StreamOptions<T>): StreamState {
  const [state, setState] = useState<StreamState>({ name: 'connecting' });
  const handle = useRef(onItems);
  handle.current = onItems;
  const start = useRef(after);
  start.current = after;

  useEffect(() => {
    if (path === null) return;
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let cursor = start.current;
    let failures = 0;
    let buffer: T[] = [];
    let isFlushing = false;
    let flushedAt = 0;
    let isOver = false;

    const flush = () => {
      isFlushing = false;
      flushedAt = Date.now();
      const items = buffer;
      buffer = [];
      if (items.length > 0 && !isOver) handle.current(items);
    };
    const fail = () => {
      source?.close();
      if (isOver) return;
      failures += 1;
      setState((now) =>
        now.name === 'offline'
          ? now
          : failures > 1
            ? { name: 'offline', since: Date.now() }
            : { name: 'catching up' },
      );
      if (failures % 3 === 0) token = null;
      timer = setTimeout(connect, Math.min(500 * 2 ** failures, 8_000) * (0.75 + Math.random() / 2));
    };
    const connect = async () => {
      try {
        const text = await streamToken();
        if (isOver) return;
        const glue = path.includes('?') ? '&' : '?';
        source = new EventSource(`${path}${glue}after=${cursor}&token=${encodeURIComponent(text)}`);
      } catch {
        // Not silent: the state says that the connection is gone, and it is tried again.
        return fail();
      }
      source.onopen = () => {
        failures = 0;
        setState({ name: 'live' });
      };
      source.onerror = fail;
      source.onmessage = (message) => {
        if (message.lastEventId) cursor = Number(message.lastEventId);
        const data = JSON.parse(message.data);
        if (Array.isArray(data)) for (const item of data) buffer.push(item);
        else buffer.push(data);
        if (isFlushing) return;
        isFlushing = true;
        const restMs = flushedAt + pauseMs - Date.now();
        // A hidden page gets no frames.
        if (document.hidden) setTimeout(flush, 250);
        else if (restMs <= 0) requestAnimationFrame(flush);
        else setTimeout(() => requestAnimationFrame(flush), restMs);
      };
      source.addEventListener('end', () => {
        source?.close();
        flush();
        setState({ name: 'ended' });
      });
    };
    setState({ name: 'connecting' });
    void connect();
    return () => {
      isOver = true;
      clearTimeout(timer);
      source?.close();
    };
  }, [path]);

  return state;
}
