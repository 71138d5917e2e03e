'use client';

import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { useStream } from '@/app/_components/streams/use-stream';
import type { LogLine } from '@/lib/model/log-line';
import type { LogSource } from './log-view';
import { useUnfinished } from './use-unfinished';

const pageLines = 500;
const maxKept = 40_000;

interface Page {
  items: LogLine[];
  nextAfter: number | null;
  lastSeq: number;
}

/** The lines of all steps. Row n is line n + 1, so any part of a million lines is a page away. */
export function useWholeLog(id: string): LogSource {
  const lines = useRef(new Map<number, LogLine>());
  const asked = useRef(new Set<number>());
  const shown = useRef({ from: 0, to: 0 });
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  const [start, setStart] = useState<number | null>(null);
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(
    async (after: number) => {
      if (asked.current.has(after)) return null;
      asked.current.add(after);
      try {
        const page = await apiFetch<Page>(`/api/v1/executions/${id}/logs?after=${after}&limit=${pageLines}`);
        for (const line of page.items) lines.current.set(line.seq, line);
        setTotal((now) => Math.max(now, page.lastSeq));
        setError(null);
        refresh();
        return page;
      } catch (failure) {
        setError(failure instanceof Error ? failure.message : String(failure));
        return null;
      } finally {
        asked.current.delete(after);
      }
    },
    [id],
  );

  useEffect(() => {
    void load(0).then((page) => setStart(page?.lastSeq ?? 0));
  }, [load]);

  const unfinished = useUnfinished();
  const state = useStream<LogLine>({
    path: start === null ? null : `/api/v1/executions/${id}/logs?batch=1&unfinished=1`,
    after: start ?? 0,
    onNamed: unfinished.onNamed,
    onItems: (items) => {
      unfinished.onLines(items);
      for (const line of items) lines.current.set(line.seq, line);
      setTotal((now) => Math.max(now, items.at(-1)?.seq ?? 0));
      if (lines.current.size > maxKept) forget(lines.current, shown.current);
      refresh();
    },
  });

  return {
    count: total,
    lineAt: (row) => lines.current.get(row + 1),
    rowOf: (seq) => seq - 1,
    need(from, to) {
      shown.current = { from, to };
      for (let row = from; row <= to && row < total; row++) {
        if (!lines.current.has(row + 1)) {
          void load(Math.floor(row / pageLines) * pageLines);
          row = (Math.floor(row / pageLines) + 1) * pageLines - 1;
        }
      }
    },
    unfinished: unfinished.shown(state),
    state,
    isLoading: start === null,
    error,
  };
}

/** Keeps what is near the rows that are shown, and the newest lines. */
function forget(lines: Map<number, LogLine>, { from, to }: { from: number; to: number }): void {
  let newest = 0;
  for (const seq of lines.keys()) newest = Math.max(newest, seq);
  for (const seq of [...lines.keys()]) {
    const isNear = seq > from - 5_000 && seq < to + 5_000;
    if (!isNear && seq < newest - maxKept / 2) lines.delete(seq);
  }
}
