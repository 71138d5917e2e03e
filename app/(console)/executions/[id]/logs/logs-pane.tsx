'use client';

import { useEffect, useMemo, useState } from 'react';
import { ErrorNotice } from '@/app/_components/notice';
import type { Execution } from '@/lib/model/execution';
import { isFinalExecution, isUnsuccessful } from '@/lib/model/status';
import type { Select, Selection } from '../use-selection';
import type { TimeStyle } from './log-row';
import { LogTools } from './log-tools';
import { type LogSource, LogView } from './log-view';
import { type SearchWords, useLogSearch } from './use-log-search';
import { useStepLog } from './use-step-log';
import { useWholeLog } from './use-whole-log';

interface LogsProps {
  execution: Execution;
  place: Selection;
  /** The step whose output is shown; null: all of them. */
  shown: string | null;
  go: Select;
}

/** The output: of the selected step, or of all. */
export function LogsPane(props: LogsProps) {
  const { shown } = props;
  const { attempt } = props.place;
  // Another attempt, and another step, has lines of its own.
  return shown ? (
    <StepLogs key={`${shown} ${attempt ?? ''}`} {...props} stepId={shown} />
  ) : (
    <WholeLog {...props} />
  );
}

function StepLogs(props: LogsProps & { stepId: string }) {
  const source = useStepLog(props.execution.id, props.stepId, props.place);
  return <Logs {...props} source={source} />;
}

function WholeLog(props: LogsProps) {
  return <Logs {...props} source={useWholeLog(props.execution.id)} />;
}

function Logs({ execution, place, shown, go, source }: LogsProps & { source: LogSource }) {
  const [words, setWords] = useState<SearchWords>({ text: '', isPattern: false });
  const [isWrapped, setIsWrapped] = useWrap();
  const [time, setTime] = useState<TimeStyle>('clock');
  const search = useLogSearch(execution.id, shown, words);
  const hits = useMemo(() => new Set(search.hits), [search.hits]);
  const step = shown ? execution.steps.find(({ id }) => id === shown) : undefined;
  const telling = step && isUnsuccessful(step.status) ? (step.result?.line ?? '') : null;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <LogTools
        execution={execution}
        place={place}
        shown={shown}
        go={go}
        words={words}
        onWords={setWords}
        search={search}
        isWrapped={isWrapped}
        onWrap={setIsWrapped}
        time={time}
        onTime={setTime}
      />
      {source.error ? (
        <ErrorNotice title="Lines could not be read.">{source.error} Scrolling asks again.</ErrorNotice>
      ) : null}
      <LogView
        source={source}
        hasSteps={shown === null}
        telling={telling}
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

const wrapKey = 'gantry.wrap';

/** Whether long lines are wrapped: remembered in the browser. */
function useWrap(): [boolean, (isWrapped: boolean) => void] {
  const [isWrapped, set] = useState(false);
  useEffect(() => set(localStorage.getItem(wrapKey) === '1'), []);
  return [
    isWrapped,
    (next) => {
      localStorage.setItem(wrapKey, next ? '1' : '0');
      set(next);
    },
  ];
}
