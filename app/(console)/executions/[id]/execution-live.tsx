'use client';

import { useState } from 'react';
import { queryNow } from '@/app/_components/address';
import { useReportConnection } from '@/app/_components/connection';
import { useKeys } from '@/app/_components/use-keys';
import { type StreamState, useStream } from '@/app/_components/use-stream';
import { applyEvents } from '@/lib/model/apply-event';
import type { ExecutionEvent } from '@/lib/model/event';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution, isUnsuccessful } from '@/lib/model/status';
import { ExecutionHeader } from './execution-header';
import { LeftPane } from './left-pane';
import { RightPane } from './right-pane';
import { SplitPanes } from './split-panes';
import { usePlace } from './use-place';
import { useTabTitle } from './use-tab-title';

const ended: StreamState = { name: 'ended' };

/** One execution, live: holds the stream and what is selected; everything below are views of it. */
export function ExecutionLive({ start }: { start: Execution }) {
  const [execution, setExecution] = useState(start);
  const { place, go } = usePlace();
  const isOver = isFinalExecution(execution.status);
  const connection = useStream<ExecutionEvent>({
    path: isFinalExecution(start.status) ? null : `/api/v1/executions/${start.id}/events`,
    after: start.lastEventSeq,
    onItems: (events) => setExecution((now) => applyEvents(now, events)),
  });
  useReportConnection(isOver ? ended : connection);
  useTabTitle(execution);

  const select = (step: string | null) => go({ step, line: null });
  useKeys({
    j: () => select(neighbour(execution, queryNow('step'), 1)),
    k: () => select(neighbour(execution, queryNow('step'), -1)),
    l: () => go({ tab: 'logs' }),
    e: () => {
      const failed =
        execution.cause?.stepId ?? execution.steps.find((step) => isUnsuccessful(step.status))?.id;
      if (failed) go({ step: failed, tab: 'logs', line: null });
    },
  });

  return (
    <div className="flex h-full min-h-0 flex-col">
      <ExecutionHeader execution={execution} onSelect={(step) => go({ step, tab: 'logs', line: null })} />
      <SplitPanes
        left={<LeftPane execution={execution} place={place} go={go} />}
        right={<RightPane execution={execution} place={place} go={go} />}
      />
    </div>
  );
}

function neighbour(execution: Execution, current: string | null, by: 1 | -1): string | null {
  const at = execution.steps.findIndex((step) => step.id === current);
  const next = at < 0 ? (by > 0 ? 0 : execution.steps.length - 1) : at + by;
  return execution.steps[Math.max(0, Math.min(execution.steps.length - 1, next))]?.id ?? null;
}
