'use client';

import { ArrowDown, ArrowUp, Clock, Download, WrapText } from 'lucide-react';
import { useRef } from 'react';
import { useKeys } from '@/app/_components/use-keys';
import type { Execution } from '@/lib/model/execution';
import { allSteps, type Select, type Selection } from '../use-selection';
import type { TimeStyle } from './log-row';
import type { LogSearch } from './use-log-search';

interface LogToolsProps {
  execution: Execution;
  place: Selection;
  shown: string | null;
  go: Select;
  typed: string;
  onType: (text: string) => void;
  search: LogSearch;
  isWrapped: boolean;
  onWrap: (isWrapped: boolean) => void;
  time: TimeStyle;
  onTime: (style: TimeStyle) => void;
}

const nextStyle: Record<TimeStyle, TimeStyle> = { clock: 'relative', relative: 'off', off: 'clock' };
const tool =
  'flex size-7 items-center justify-center rounded-sm text-ink-2 hover:bg-sunken hover:text-ink disabled:opacity-40';

export function LogTools(props: LogToolsProps) {
  const { execution, place, shown, go, typed, onType, search, isWrapped, onWrap, time, onTime } = props;
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.focus() });
  const jump = (by: 1 | -1) => {
    const line = neighbour(search.hits, place.line, by);
    if (line !== null) go({ line });
  };
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
      <input
        ref={field}
        type="search"
        aria-label="Search the output"
        placeholder="Search  /"
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && jump(event.shiftKey ? -1 : 1)}
        className="h-7 w-40 min-w-0 flex-1 rounded-sm border border-line bg-ground px-2 sm:max-w-60"
      />
      {typed ? (
        <>
          <span className="text-ink-2 text-xs" role="status">
            {formatCount(search)}
          </span>
          <button
            type="button"
            className={tool}
            title="Previous hit"
            disabled={search.hits.length === 0}
            onClick={() => jump(-1)}
          >
            <ArrowUp size={14} aria-label="Previous hit" />
          </button>
          <button
            type="button"
            className={tool}
            title="Next hit"
            disabled={search.hits.length === 0}
            onClick={() => jump(1)}
          >
            <ArrowDown size={14} aria-label="Next hit" />
          </button>
        </>
      ) : null}
      <span className="ml-auto flex">
        <button
          type="button"
          className={`${tool} ${isWrapped ? 'bg-sunken text-ink' : ''}`}
          title="Wrap long lines"
          aria-pressed={isWrapped}
          onClick={() => onWrap(!isWrapped)}
        >
          <WrapText size={14} aria-label="Wrap long lines" />
        </button>
        <button
          type="button"
          className={tool}
          title={`Time: ${time}`}
          onClick={() => onTime(nextStyle[time])}
        >
          <Clock size={14} aria-label={`Time: ${time}`} />
        </button>
        <a
          className={tool}
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

function formatCount(search: LogSearch): string {
  if (search.error) return search.error;
  if (search.isSearching && search.hits.length === 0) return 'searching…';
  return `${search.hits.length.toLocaleString()}${search.isCut ? '+' : ''} ${search.hits.length === 1 ? 'line' : 'lines'}`;
}

function neighbour(hits: number[], current: number | null, by: 1 | -1): number | null {
  if (by > 0) return hits.find((seq) => seq > (current ?? 0)) ?? hits[0] ?? null;
  return hits.findLast((seq) => seq < (current ?? Number.POSITIVE_INFINITY)) ?? hits.at(-1) ?? null;
}
