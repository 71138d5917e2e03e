'use client';

import { useMemo } from 'react';
import { lazyPart } from '@/app/_components/lazy-part';
import { Tabs } from '@/app/_components/tabs';
import type { Execution, Fault } from '@/lib/model/execution';
import { isTestSummary } from '@/lib/model/report-kind';
import { LogsPane } from './logs/logs-pane';
import { StepHead } from './step-head';
import { rightTabs, type Select, type Selection } from './use-selection';

interface RightPaneProps {
  execution: Execution;
  faults: readonly Fault[];
  place: Selection;
  shown: string | null;
  go: Select;
}

const titles = { logs: 'log', results: 'cases', artifacts: 'files', ran: 'what ran' };

const Artifacts = lazyPart(() => import('./artifacts').then((part) => part.Artifacts));
const Environment = lazyPart(() => import('./environment').then((part) => part.Environment));
const Events = lazyPart(() => import('./events').then((part) => part.Events));
const Results = lazyPart(() => import('./results').then((part) => part.Results));
const WhatRan = lazyPart(() => import('./what-ran').then((part) => part.WhatRan));

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
