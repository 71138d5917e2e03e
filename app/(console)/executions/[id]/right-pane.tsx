'use client';

import { useMemo } from 'react';
import { Tabs } from '@/app/_components/tabs';
import type { Execution, Fault } from '@/lib/model/execution';
import { isTestSummary } from '@/lib/model/report-kind';
import { Artifacts } from './artifacts';
import { Environment } from './environment';
import { Events } from './events';
import { LogsPane } from './logs/logs-pane';
import { Results } from './results';
import { StepHead } from './step-head';
import { rightTabs, type Select, type Selection } from './use-selection';
import { WhatRan } from './what-ran';

interface RightPaneProps {
  execution: Execution;
  faults: readonly Fault[];
  place: Selection;
  shown: string | null;
  go: Select;
}

const titles = { logs: 'log', results: 'cases', artifacts: 'files', ran: 'what ran' };

/** What the selected step says, or the whole run; the reason stands above every tab. */
export function RightPane({ execution, faults, place, shown, go }: RightPaneProps) {
  const step = execution.steps.find(({ id }) => id === shown) ?? null;
  const inView = useMemo(() => (step ? [step] : execution.steps), [step, execution.steps]);
  const cases = inView.flatMap(({ reports }) => reports).filter(isTestSummary).length;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {step ? <StepHead step={step} execution={execution} faults={faults} place={place} go={go} /> : null}
      <Tabs
        label="What it says"
        names={rightTabs}
        titles={titles}
        current={place.tab}
        onChoose={(tab) => go({ tab })}
        hint={{ results: cases || null, environment: execution.receipt?.left.length || null }}
      >
        {place.tab === 'logs' ? <LogsPane execution={execution} place={place} shown={shown} go={go} /> : null}
        {place.tab === 'results' ? <Results executionId={execution.id} steps={inView} /> : null}
        {place.tab === 'artifacts' ? <Artifacts execution={execution} /> : null}
        {place.tab === 'ran' ? <WhatRan execution={execution} step={step} attempt={place.attempt} /> : null}
        {place.tab === 'environment' ? <Environment execution={execution} /> : null}
        {place.tab === 'events' ? <Events execution={execution} step={shown} /> : null}
      </Tabs>
    </div>
  );
}
