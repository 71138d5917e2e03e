'use client';

import { Clock, Download, WrapText } from 'lucide-react';
import type { Execution } from '@/lib/model/execution';
import { allSteps, type Select, type Selection } from '../use-selection';
import type { TimeStyle } from './log-row';
import { LogSearchField, toolClass } from './log-search-field';
import type { LogSearch, SearchWords } from './use-log-search';

interface LogToolsProps {
  execution: Execution;
  place: Selection;
  shown: string | null;
  go: Select;
  words: SearchWords;
  onWords: (words: SearchWords) => void;
  search: LogSearch;
  isWrapped: boolean;
  onWrap: (isWrapped: boolean) => void;
  time: TimeStyle;
  onTime: (style: TimeStyle) => void;
}

const nextStyle: Record<TimeStyle, TimeStyle> = { clock: 'relative', relative: 'off', off: 'clock' };

export function LogTools(props: LogToolsProps) {
  const { execution, place, shown, go, words, onWords, search, isWrapped, onWrap, time, onTime } = props;
  const step = shown ? `&step=${encodeURIComponent(shown)}` : '';
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-line border-b bg-surface px-2 py-1">
      <select
        aria-label="Whose output"
        className="h-7 max-w-44 rounded-sm border border-line bg-surface px-1.5"
        value={shown ?? allSteps}
        onChange={(event) => go({ step: event.target.value, line: null, attempt: null })}
      >
        <option value={allSteps}>all steps</option>
        {execution.steps.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
      <LogSearchField
        words={words}
        onChange={onWords}
        search={search}
        current={place.line}
        onJump={(line) => go({ line })}
      />
      <span className="ml-auto flex">
        <button
          type="button"
          className={`${toolClass} ${isWrapped ? 'bg-sunken text-ink' : ''}`}
          title="Wrap long lines"
          aria-pressed={isWrapped}
          onClick={() => onWrap(!isWrapped)}
        >
          <WrapText size={14} aria-label="Wrap long lines" />
        </button>
        <button
          type="button"
          className={toolClass}
          title={`Time: ${time}`}
          onClick={() => onTime(nextStyle[time])}
        >
          <Clock size={14} aria-label={`Time: ${time}`} />
        </button>
        <a
          className={toolClass}
          title="Download"
          href={`/api/v1/executions/${execution.id}/logs?format=text${step}`}
          download
        >
          <Download size={14} aria-label="Download the output" />
        </a>
      </span>
    </div>
  );
}
