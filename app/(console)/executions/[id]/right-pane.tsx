'use client';

import { Tabs } from '@/app/_components/tabs';
import type { Execution } from '@/lib/model/execution';
import { Artifacts } from './artifacts';
import { Environment } from './environment';
import { Events } from './events';
import { LogsPane } from './logs/logs-pane';
import { Results } from './results';
import { type Go, type Place, rightTabs } from './use-place';

export function RightPane({ execution, place, go }: { execution: Execution; place: Place; go: Go }) {
  const cases = execution.steps
    .flatMap((step) => step.reports)
    .filter((report) => report.format === 'junit').length;
  return (
    <Tabs
      label="What it says"
      names={rightTabs}
      current={place.tab}
      onChoose={(tab) => go({ tab })}
      hint={{ results: cases || null, environment: execution.receipt?.left.length || null }}
    >
      {place.tab === 'logs' ? <LogsPane execution={execution} place={place} go={go} /> : null}
      {place.tab === 'results' ? <Results executionId={execution.id} steps={execution.steps} /> : null}
      {place.tab === 'artifacts' ? <Artifacts execution={execution} /> : null}
      {place.tab === 'environment' ? <Environment execution={execution} /> : null}
      {place.tab === 'events' ? <Events execution={execution} step={place.step} /> : null}
    </Tabs>
  );
}
