'use client';

import { useEffect, useReducer, useRef } from 'react';
import { useStream } from '@/app/_components/use-stream';
import type { LogLine } from '@/lib/model/log-line';
import type { LogSource } from './log-view';

const mostKept = 50_000;

/** The lines of one step, streamed from the first; the page keeps the newest ones. */
export function useStepLog(id: string, stepId: string): LogSource {
  const kept = useRef<{ lines: LogLine[]; dropped: number }>({ lines: [], dropped: 0 });
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step begins anew
  useEffect(() => {
    kept.current = { lines: [], dropped: 0 };
    refresh();
  }, [id, stepId]);

  const state = useStream<LogLine>({
    path: `/api/v1/executions/${id}/logs?batch=1&step=${encodeURIComponent(stepId)}`,
    after: 0,
    onItems: (items) => {
      const { lines } = kept.current;
      for (const line of items) lines.push(line);
      if (lines.length > mostKept * 1.2)
        kept.current.dropped += lines.splice(0, lines.length - mostKept).length;
      refresh();
    },
  });

  return {
    count: kept.current.lines.length,
    lineAt: (row) => kept.current.lines[row],
    rowOf: (seq) => rowOf(kept.current.lines, seq),
    need: () => undefined,
    dropped: kept.current.dropped,
    state,
    isLoading: state.name === 'connecting',
    error: null,
  };
}

function rowOf(lines: LogLine[], seq: number): number | null {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return lines[low]?.seq === seq ? low : null;
}
