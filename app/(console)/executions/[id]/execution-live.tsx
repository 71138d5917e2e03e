'use client';

import { useMemo, useRef, useState } from 'react';
import { queryNow } from '@/app/_components/address';
import { useReportConnection } from '@/app/_components/connection';
import type { StreamState } from '@/app/_components/streams/hub';
import { useStream } from '@/app/_components/streams/use-stream';
import { useKeys } from '@/app/_components/use-keys';
import { applyEvents } from '@/lib/model/apply-event';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import { describeFaults } from '@/lib/model/faults';
import { isFinalExecution } from '@/lib/model/status';
import { ExecutionHeader } from './execution-header';
import { FaultsBand } from './faults-band';
import { LeftPane } from './left-pane';
import { RightPane } from './right-pane';
import { shownStep } from './selection';
import { SplitPanes } from './split-panes';
import { type Select, useSelection } from './use-selection';
import { useTabTitle } from './use-tab-title';

const ended: StreamState = { name: 'ended' };
/** Between two states of the page: people do not read faster, and a list of 500 steps takes time to draw. */
const pauseMs = 250;

/** One execution, live: holds the stream and what is selected; everything below are views of it. */
export function ExecutionLive({ start }: { start: Execution }) {
  const [execution, setExecution] = useState(start);
  const { place, go } = useSelection();
  const isOver = isFinalExecution(execution.status);
  const connection = useStream<ExecutionEvent>({
    path: isOver ? null : `/api/v1/executions/${start.id}/events`,
    after: start.lastEventSeq,
    pauseMs,
    whenHidden: 'stay',
    onItems: (events) => setExecution((now) => applyEvents(now, events)),
  });
  useReportConnection(isOver ? ended : connection);
  useTabTitle(execution);

  const faults = useMemo(() => describeFaults(execution.steps), [execution.steps]);
  const followed = useRef<string | null>(null);
  const wanted = shownStep(execution, faults, place.step);
  // When the last step that was followed has passed, its pane stays.
  const shown = wanted ?? (place.step === null ? followed.current : null);
  followed.current = shown;
  const select: Select = (change) => go({ line: null, attempt: null, ...change });
  /** The ids of the rows of the list, as it shows them. */
  const rows = useRef<readonly string[]>([]);
  const move = (by: 1 | -1) => {
    const step = neighbour(rows.current, queryNow('step') ?? shown, by);
    if (step) select({ step });
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    l: () => go({ tab: 'logs' }),
    e: () => {
      const step = faults[0]?.stepId;
      if (step) select({ step, tab: 'logs' });
    },
  });

  return (
    <div className="flex h-full min-h-0 flex-col overflow-auto lg:overflow-hidden">
      <ExecutionHeader execution={execution} place={place} go={go} />
      <FaultsBand
        execution={execution}
        faults={faults}
        shown={shown}
        onSelect={(step) => select({ step, tab: 'logs' })}
      />
      <SplitPanes
        left={
          <LeftPane execution={execution} place={place} shown={shown} go={go} select={select} rows={rows} />
        }
        right={<RightPane execution={execution} faults={faults} place={place} shown={shown} go={go} />}
      />
    </div>
  );
}

function neighbour(ids: readonly string[], current: string | null, by: 1 | -1): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by;
  return ids[Math.max(0, Math.min(ids.length - 1, next))] ?? null;
}
