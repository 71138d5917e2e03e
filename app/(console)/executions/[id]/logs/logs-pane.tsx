'use client';

import { useMemo, useState } from 'react';
import { ErrorNotice } from '@/app/_components/notice';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution, type StepStatus } from '@/lib/model/status';
import type { Go, Place } from '../use-place';
import type { TimeStyle } from './log-row';
import { LogTools } from './log-tools';
import { type LogSource, LogView } from './log-view';
import { useLogSearch } from './use-log-search';
import { useStepLog } from './use-step-log';
import { useWholeLog } from './use-whole-log';

interface LogsProps {
  execution: Execution;
  place: Place;
  go: Go;
}

/** The output: of the selected step, or of all. */
export function LogsPane(props: LogsProps) {
  const { step } = props.place;
  return step ? <StepLogs key={step} {...props} stepId={step} /> : <WholeLog {...props} />;
}

function StepLogs(props: LogsProps & { stepId: string }) {
  return <Logs {...props} source={useStepLog(props.execution.id, props.stepId)} />;
}

function WholeLog(props: LogsProps) {
  return <Logs {...props} source={useWholeLog(props.execution.id)} />;
}

function Logs({ execution, place, go, source }: LogsProps & { source: LogSource }) {
  const [typed, setTyped] = useState('');
  const [isWrapped, setIsWrapped] = useState(false);
  const [time, setTime] = useState<TimeStyle>('clock');
  const search = useLogSearch(execution.id, place.step, typed);
  const hits = useMemo(() => new Set(search.hits), [search.hits]);
  const statuses = useMemo(
    () => new Map(execution.steps.map((step) => [step.id, step.status])),
    [execution.steps],
  );
  const statusOf = place.step ? null : (stepId: string): StepStatus => statuses.get(stepId) ?? 'pending';
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <LogTools
        execution={execution}
        place={place}
        go={go}
        typed={typed}
        onType={setTyped}
        search={search}
        isWrapped={isWrapped}
        onWrap={setIsWrapped}
        time={time}
        onTime={setTime}
      />
      {source.error ? (
        <ErrorNotice title="Lines could not be read.">{source.error} Scrolling asks again.</ErrorNotice>
      ) : null}
      {source.dropped > 0 ? (
        <p className="border-line border-b bg-sunken px-3 py-1 text-ink-2 text-xs">
          {source.dropped.toLocaleString()} earlier lines are not shown here: see all steps, or download the
          log.
        </p>
      ) : null}
      <LogView
        source={source}
        statusOf={statusOf}
        time={time}
        isWrapped={isWrapped}
        startMs={Date.parse(execution.startedAt ?? execution.createdAt)}
        chosen={place.line}
        hits={hits}
        isOver={isFinalExecution(execution.status)}
        onChoose={(line) => go({ line })}
      />
    </div>
  );
}
