'use client';

import { ArrowDown, ArrowUp, Regex } from 'lucide-react';
import { useId, useRef } from 'react';
import { useKeys } from '@/app/_components/use-keys';
import type { LogSearch, SearchWords } from './use-log-search';

interface LogSearchFieldProps {
  words: SearchWords;
  onChange: (words: SearchWords) => void;
  search: LogSearch;
  /** The line that is shown. */
  current: number | null;
  onJump: (line: number) => void;
}

export const toolClass =
  'flex size-7 items-center justify-center rounded-sm text-ink-2 hover:bg-sunken hover:text-ink disabled:opacity-40';

/** Finds lines by text or by regular expression. `/` goes there, Alt R switches, Enter goes to the next hit. */
export function LogSearchField({ words, onChange, search, current, onJump }: LogSearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const stateId = useId();
  useKeys({ '/': () => field.current?.focus() });
  const { text, isPattern } = words;
  const jump = (by: 1 | -1) => {
    const line = neighbour(search.hits, current, by);
    if (line !== null) onJump(line);
  };
  const isWrong = text !== '' && search.error !== null;
  return (
    <>
      <span
        className={`flex h-7 w-44 min-w-0 flex-1 items-center rounded-sm border bg-ground sm:max-w-64 ${isWrong ? 'border-failed' : 'border-line'}`}
      >
        <input
          ref={field}
          type="search"
          aria-label="Search the output"
          aria-invalid={isWrong}
          aria-describedby={stateId}
          placeholder={isPattern ? 'Pattern  /' : 'Search  /'}
          value={text}
          onChange={(event) => onChange({ text: event.target.value, isPattern })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') jump(event.shiftKey ? -1 : 1);
            if (!event.altKey || event.code !== 'KeyR') return;
            event.preventDefault();
            onChange({ text, isPattern: !isPattern });
          }}
          className="h-full min-w-0 flex-1 rounded-sm bg-transparent px-2"
        />
        <button
          type="button"
          className={`mr-0.5 flex size-6 shrink-0 items-center justify-center rounded-sm hover:bg-sunken hover:text-ink ${isPattern ? 'bg-sunken text-ink' : 'text-ink-2'}`}
          title="Regular expression (Alt R)"
          aria-pressed={isPattern}
          onClick={() => onChange({ text, isPattern: !isPattern })}
        >
          <Regex size={14} aria-label="Regular expression" />
        </button>
      </span>
      <span
        id={stateId}
        role="status"
        className={isWrong ? 'max-w-full text-failed text-xs' : 'text-ink-2 text-xs'}
      >
        {text ? formatState(search) : ''}
      </span>
      {text ? (
        <>
          <button
            type="button"
            className={toolClass}
            title="Previous hit"
            disabled={search.hits.length === 0}
            onClick={() => jump(-1)}
          >
            <ArrowUp size={14} aria-label="Previous hit" />
          </button>
          <button
            type="button"
            className={toolClass}
            title="Next hit"
            disabled={search.hits.length === 0}
            onClick={() => jump(1)}
          >
            <ArrowDown size={14} aria-label="Next hit" />
          </button>
        </>
      ) : null}
    </>
  );
}

function formatState(search: LogSearch): string {
  if (search.error) return search.error;
  if (search.isSearching && search.hits.length === 0) return 'searching…';
  return `${search.hits.length.toLocaleString()}${search.isCut ? '+' : ''} ${search.hits.length === 1 ? 'line' : 'lines'}`;
}

function neighbour(hits: number[], current: number | null, by: 1 | -1): number | null {
  if (by > 0) return hits.find((seq) => seq > (current ?? 0)) ?? hits[0] ?? null;
  return hits.findLast((seq) => seq < (current ?? Number.POSITIVE_INFINITY)) ?? hits.at(-1) ?? null;
}
