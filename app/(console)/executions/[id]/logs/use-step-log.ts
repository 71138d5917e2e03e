'use client';

import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { apiFetch } from '@/app/_components/api';
import { useStream } from '@/app/_components/streams/use-stream';
import type { LogLine } from '@/lib/model/log-line';
import type { LogSource } from './log-view';
import { useUnfinished } from './use-unfinished';

const pageLines = 500;
const maxKept = 40_000;
/** The number of no line: the page around it is the last one. */
const theEnd = 2_147_483_647;

interface Page {
  items: LogLine[];
  row: number;
  total: number;
  lastSeq: number;
  isClosed: boolean;
}

interface Kept {
  lines: Map<number, LogLine>;
  rows: Map<number, number>;
}

/** The lines of one step, or of one attempt, by row: the part around a line or at the end first, any other when it is seen. */
export function useStepLog(
  id: string,
  stepId: string,
  { attempt, line }: { attempt: number | null; line: number | null },
): LogSource {
  const kept = useRef<Kept>({ lines: new Map(), rows: new Map() });
  const asked = useRef(new Set<string>());
  const shown = useRef({ from: 0, to: 0 });
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  const [start, setStart] = useState<{ lastSeq: number; isClosed: boolean } | null>(null);
  /** How many rows there are: read by a flush that comes before the next drawing. */
  const total = useRef(0);
  const [error, setError] = useState<string | null>(null);
  const base = `/api/v1/executions/${id}/logs?step=${encodeURIComponent(stepId)}${attempt === null ? '' : `&attempt=${attempt}`}`;

  const load = useCallback(
    async (where: string) => {
      if (asked.current.has(where)) return;
      asked.current.add(where);
      try {
        const page = await apiFetch<Page>(`${base}&${where}&limit=${pageLines}`);
        for (const [at, item] of page.items.entries()) keep(kept.current, page.row - 1 + at, item);
        total.current = Math.max(total.current, page.total);
        setStart((now) => now ?? { lastSeq: page.lastSeq, isClosed: page.isClosed });
        setError(null);
        refresh();
      } catch (failure) {
        setError(failure instanceof Error ? failure.message : String(failure));
      } finally {
        asked.current.delete(where);
      }
    },
    [base],
  );
  useEffect(() => {
    if (line === null) void load(`around=${theEnd}`);
    else if (!kept.current.rows.has(line)) void load(`around=${line}`);
  }, [load, line]);

  const unfinished = useUnfinished();
  const state = useStream<LogLine>({
    path: start === null || start.isClosed ? null : `${base}&batch=1&unfinished=1`,
    after: start?.lastSeq ?? 0,
    onNamed: unfinished.onNamed,
    onItems(items) {
      unfinished.onLines(items);
      const fresh = items.filter(({ seq }) => !kept.current.rows.has(seq));
      for (const [at, item] of fresh.entries()) keep(kept.current, total.current + at, item);
      total.current += fresh.length;
      if (kept.current.lines.size > maxKept) forget(kept.current, shown.current, total.current);
      refresh();
    },
  });

  return {
    count: total.current,
    lineAt: (row) => kept.current.lines.get(row),
    rowOf: (seq) => kept.current.rows.get(seq) ?? null,
    need(from, to) {
      shown.current = { from, to };
      for (let row = from; row <= to && row < total.current; row++) {
        if (kept.current.lines.has(row)) continue;
        const first = Math.floor(row / pageLines) * pageLines;
        void load(`row=${first + 1}`);
        row = first + pageLines - 1;
      }
    },
    unfinished: unfinished.shown(state),
    state,
    isLoading: start === null && error === null,
    error,
  };
}

function keep({ lines, rows }: Kept, row: number, line: LogLine): void {
  lines.set(row, line);
  rows.set(line.seq, row);
}

/** Keeps what is near the rows that are shown, and the newest lines. */
function forget(kept: Kept, { from, to }: { from: number; to: number }, total: number): void {
  for (const [row, line] of kept.lines) {
    const isNear = row > from - 5_000 && row < to + 5_000;
    if (isNear || row > total - maxKept / 2) continue;
    kept.lines.delete(row);
    kept.rows.delete(line.seq);
  }
}
