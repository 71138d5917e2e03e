import { useCallback, useEffect, useRef, useState } from 'react';
import { apiFetch } from './api';

export interface Polled<T> {
  data: T;
  /** Of the last request, where it failed; `data` then is what was read before. */
  error: Error | null;
  updatedAtMs: number;
  /** Reads it now. */
  refresh: () => Promise<void>;
}

/** What the page came with, read again every `everyMs` while the page is seen. */
export function usePolled<T>(path: string, start: T, everyMs: number): Polled<T> {
  const [state, setState] = useState<{ data: T; error: Error | null; updatedAtMs: number }>(() => ({
    data: start,
    error: null,
    updatedAtMs: Date.now(),
  }));
  const latest = useRef(0);
  const refresh = useCallback(async () => {
    const call = ++latest.current;
    const set = (change: (now: typeof state) => typeof state) => {
      if (call === latest.current) setState(change);
    };
    try {
      const data = await apiFetch<T>(path);
      set(() => ({ data, error: null, updatedAtMs: Date.now() }));
    } catch (failure) {
      const error = failure instanceof Error ? failure : new Error(String(failure));
      set((now) => ({ ...now, error }));
    }
  }, [path]);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      if (!document.hidden) await refresh();
      if (!isOver) timer = setTimeout(look, everyMs);
    };
    const show = () => {
      if (!document.hidden) void refresh();
    };
    timer = setTimeout(look, everyMs);
    document.addEventListener('visibilitychange', show);
    return () => {
      isOver = true;
      latest.current += 1;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', show);
    };
  }, [refresh, everyMs]);
  return { ...state, refresh };
}
