'use client';

import type { RefObject } from 'react';
import { Tabs } from '@/app/_components/tabs';
import type { Execution } from '@/lib/model/execution';
import { ExecutionGraph } from './execution-graph';
import { StepList } from './steps/step-list';
import { leftTabs, type Select, type Selection } from './use-selection';

interface LeftPaneProps {
  execution: Execution;
  place: Selection;
  shown: string | null;
  go: Select;
  select: Select;
  rows: RefObject<readonly string[]>;
}

export function LeftPane({ execution, place, shown, go, select, rows }: LeftPaneProps) {
  return (
    <Tabs
      label="What runs"
      names={leftTabs}
      current={place.view}
      onChoose={(view) => go({ view })}
      hint={{ steps: execution.steps.length }}
    >
      {place.view === 'graph' ? (
        <ExecutionGraph execution={execution} selected={shown} onSelect={(step) => select({ step })} />
      ) : (
        <StepList execution={execution} place={place} shown={shown} go={go} select={select} rows={rows} />
      )}
    </Tabs>
  );
}
