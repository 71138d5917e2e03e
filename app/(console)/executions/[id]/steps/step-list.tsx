'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { formatDuration, useNow } from '@/app/_components/time';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import { waitingSteps } from '@/lib/model/waiting';
import type { Select, Selection } from '../use-selection';
import { spanMs as lengthOf } from './phases';
import { type StepListRow, stepRows } from './step-groups';
import { StepRow, stepColumns } from './step-row';

interface StepListProps {
  execution: Execution;
  place: Selection;
  shown: string | null;
  go: Select;
  select: Select;
  /** Gets the ids of the steps in the order in which the list shows them. */
  rows: RefObject<readonly string[]>;
}

/** Every step with its bar on a shared clock. Only the rows in sight exist. */
export function StepList({ execution, place, shown, go, select, rows: ids }: StepListProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const { steps } = execution;
  const { state, find } = place;
  const rows = useMemo(() => stepRows(steps, { state, find }, toggled), [steps, state, find, toggled]);
  ids.current = useMemo(() => rows.flatMap((row) => (row.kind === 'step' ? [row.step.id] : [])), [rows]);
  const waiting = useMemo(() => waitingSteps(execution), [execution]);
  const { startMs, spanMs } = useSharedClock(execution);
  const latest = useRef(select);
  latest.current = select;
  const choose = useCallback((step: string) => latest.current({ step }), []);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 29,
    getItemKey: (index) => keyOf(rows[index]),
    overscan: 12,
    // What is in sight before the browser has measured the frame.
    initialRect: { width: 600, height: 600 },
  });
  useKeepInSight(virtual.scrollToIndex, rows, place.step);
  const toggle = (name: string) =>
    setToggled((now) => new Set(now.has(name) ? [...now].filter((each) => each !== name) : [...now, name]));

  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <div className={`grid shrink-0 items-center gap-x-2.5 border-line border-b px-3 py-1 ${stepColumns}`}>
        <span />
        <input
          type="search"
          aria-label="Find a step"
          placeholder="Find a step"
          value={find}
          onChange={(event) => go({ find: event.target.value })}
          className="h-6 w-full min-w-0 rounded-sm border border-line bg-ground px-2"
        />
        <span className="hidden justify-between text-ink-2 text-xs sm:flex" aria-hidden="true">
          <span>0</span>
          <span>{formatDuration(spanMs / 2)}</span>
        </span>
        <span className="text-right text-ink-2 text-xs" aria-hidden="true">
          {formatDuration(spanMs)}
        </span>
      </div>
      <section
        ref={frame}
        aria-label="Steps"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
        tabIndex={0}
        className="relative min-h-0 flex-1 overflow-auto"
      >
        <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="absolute inset-x-0"
                style={{ transform: `translateY(${start}px)` }}
              >
                {row.kind === 'group' ? (
                  <GroupRow row={row} onToggle={() => toggle(row.name)} />
                ) : (
                  <StepRow
                    step={row.step}
                    waits={waiting.get(row.step.id)?.brief ?? null}
                    isSelected={row.step.id === shown}
                    startMs={startMs}
                    spanMs={spanMs}
                    onSelect={choose}
                  />
                )}
              </div>
            );
          })}
        </div>
        {rows.length === 0 ? <p className="px-3 py-4 text-ink-2">No step is like that.</p> : null}
      </section>
    </div>
  );
}

function GroupRow({ row, onToggle }: { row: Extract<StepListRow, { kind: 'group' }>; onToggle: () => void }) {
  const Icon = row.isFolded ? ChevronRight : ChevronDown;
  return (
    <button
      type="button"
      aria-expanded={!row.isFolded}
      data-group={row.name}
      onClick={onToggle}
      className="flex h-7 w-full items-center gap-2 border-line border-b bg-ground px-3 text-left text-ink-2"
    >
      <Icon size={14} aria-hidden="true" />
      {row.count} {row.label}
    </button>
  );
}

function useSharedClock(execution: Execution): { startMs: number; spanMs: number } {
  const isOver = isFinalExecution(execution.status);
  const now = useNow(!isOver, 1_000);
  const startMs = Date.parse(execution.createdAt);
  const endMs = execution.finishedAt ? Date.parse(execution.finishedAt) : (now ?? startMs);
  return { startMs, spanMs: lengthOf(endMs - startMs, isOver) };
}

/** The step that somebody has chosen is brought into sight once, and never moves the list after that. */
function useKeepInSight(
  scrollTo: (index: number) => void,
  rows: readonly StepListRow[],
  chosen: string | null,
): void {
  const latest = useRef(rows);
  latest.current = rows;
  useEffect(() => {
    if (chosen === null) return;
    const index = latest.current.findIndex((row) => row.kind === 'step' && row.step.id === chosen);
    if (index >= 0) scrollTo(index);
  }, [chosen, scrollTo]);
}

function keyOf(row: StepListRow | undefined): string {
  if (!row) return '';
  return row.kind === 'step' ? `step ${row.step.id}` : `group ${row.name}`;
}
