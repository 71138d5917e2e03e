'use client';

import { useMemo } from 'react';
import { LazyStepGraph } from '@/app/_components/graph/lazy-step-graph';
import type { GraphStepView } from '@/app/_components/graph/step-node';
import { formatDuration } from '@/app/_components/time';
import type { Execution, Step } from '@/lib/model/execution';
import { waitingSteps } from '@/lib/model/waiting';

interface GraphProps {
  execution: Execution;
  selected: string | null;
  onSelect: (step: string) => void;
}

/** The steps as a graph. A step's time is shown once it has ended: no clock makes the nodes anew. */
export function ExecutionGraph({ execution, selected, onSelect }: GraphProps) {
  const waiting = useMemo(() => waitingSteps(execution), [execution]);
  const steps = useMemo(
    () =>
      execution.steps.map((step): GraphStepView => {
        return { ...step, time: timeOf(step), waits: waiting.get(step.id) ?? null };
      }),
    [execution.steps, waiting],
  );
  return <LazyStepGraph steps={steps} selected={selected} onSelect={onSelect} />;
}

function timeOf({ startedAt, finishedAt }: Step): string | null {
  return startedAt && finishedAt ? formatDuration(Date.parse(finishedAt) - Date.parse(startedAt)) : null;
}
