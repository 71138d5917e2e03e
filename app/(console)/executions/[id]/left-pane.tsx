'use client';

import { useMemo } from 'react';
import { StepGraph } from '@/app/_components/graph/step-graph';
import type { GraphStepView } from '@/app/_components/graph/step-node';
import { Tabs } from '@/app/_components/tabs';
import { formatDuration, useNow } from '@/app/_components/time';
import type { Execution, Step } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import { waitingSteps } from '@/lib/model/waiting';
import { StepTable } from './step-table';
import { Timeline } from './timeline';
import { type Go, leftTabs, type Place } from './use-place';

interface PaneProps {
  execution: Execution;
  place: Place;
  go: Go;
}

export function LeftPane({ execution, place, go }: PaneProps) {
  const select = (step: string) => go({ step, line: null });
  return (
    <Tabs
      label="What runs"
      names={leftTabs}
      current={place.view}
      onChoose={(view) => go({ view })}
      hint={{ steps: execution.steps.length }}
    >
      {place.view === 'graph' ? (
        <Graph execution={execution} selected={place.step} onSelect={select} />
      ) : null}
      {place.view === 'timeline' ? (
        <Timeline execution={execution} selected={place.step} onSelect={select} />
      ) : null}
      {place.view === 'steps' ? (
        <StepTable execution={execution} selected={place.step} onSelect={select} />
      ) : null}
    </Tabs>
  );
}

function Graph({
  execution,
  selected,
  onSelect,
}: {
  execution: Execution;
  selected: string | null;
  onSelect: (step: string) => void;
}) {
  const now = useNow(!isFinalExecution(execution.status), 1_000);
  const waiting = useMemo(() => waitingSteps(execution), [execution]);
  const steps = useMemo(
    () =>
      execution.steps.map((step): GraphStepView => {
        return { ...step, time: timeOf(step, now), waits: waiting.get(step.id) ?? null };
      }),
    [execution.steps, waiting, now],
  );
  return <StepGraph steps={steps} selected={selected} onSelect={onSelect} />;
}

function timeOf(step: Step, now: number | null): string | null {
  if (!step.startedAt) return null;
  const end = step.finishedAt ? Date.parse(step.finishedAt) : now;
  return end === null ? null : formatDuration(end - Date.parse(step.startedAt));
}
