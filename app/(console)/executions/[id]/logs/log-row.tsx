import { memo } from 'react';
import type { LogLine, UnfinishedStepLine } from '@/lib/model/log-line';
import { AnsiText } from './ansi-text';

export type TimeStyle = 'clock' | 'relative' | 'off';

interface LogRowProps {
  line: LogLine;
  /** Lines of several steps: it says whose it is. */
  hasStep: boolean;
  /** It tells why the step failed. */
  isTelling: boolean;
  time: TimeStyle;
  startMs: number;
  isWrapped: boolean;
  isChosen: boolean;
  isHit: boolean;
  onChoose: (seq: number) => void;
}

const grounds = {
  chosen: 'bg-accent/15',
  hit: 'bg-brand/20',
  telling: 'bg-failed/15',
  stderr: 'bg-failed/6',
  system: 'bg-sunken',
  stdout: '',
};

/** Gutter with the line's number (a link), time, step, text. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { line, hasStep, isTelling, time, startMs, isWrapped, isChosen, isHit, onChoose } = props;
  const ground = isChosen
    ? grounds.chosen
    : isHit
      ? grounds.hit
      : isTelling
        ? grounds.telling
        : grounds[line.stream];
  return (
    <div
      className={`flex min-w-full gap-2 pr-3 font-mono text-code ${isWrapped ? '' : 'w-max'} ${ground}`}
      data-line={line.seq}
    >
      <span className="sticky left-0 flex shrink-0 items-start gap-1.5 bg-surface pl-2">
        <button
          type="button"
          tabIndex={-1}
          title="Link to this line"
          className="w-9 select-none sm:w-14 text-right text-ink-2 hover:text-accent"
          onClick={() => onChoose(line.seq)}
        >
          {line.seq}
        </button>
      </span>
      {time === 'off' ? null : (
        <span className="hidden shrink-0 select-none text-ink-2 sm:inline">
          {timeText(line, time, startMs)}
        </span>
      )}
      {hasStep ? (
        <span title={line.stepId} className="w-20 shrink-0 select-none truncate text-ink-2 sm:w-40">
          {line.stepId}
        </span>
      ) : null}
      <span
        className={`[unicode-bidi:isolate] ${isWrapped ? 'min-w-0 whitespace-pre-wrap break-all' : 'whitespace-pre'} ${line.stream === 'system' ? 'text-ink-2 italic' : ''}`}
      >
        {line.stream === 'stderr' ? <span className="sr-only">stderr: </span> : null}
        <AnsiText text={line.text} />
      </span>
    </div>
  );
});

interface UnfinishedRowProps {
  line: UnfinishedStepLine;
  hasStep: boolean;
  hasTime: boolean;
  isWrapped: boolean;
}

/** What is printed and has no line end yet: neither a number nor a time, until it has. */
export function UnfinishedRow({ line, hasStep, hasTime, isWrapped }: UnfinishedRowProps) {
  return (
    <div
      className={`flex min-w-full gap-2 pr-3 font-mono text-code ${isWrapped ? '' : 'w-max'} ${grounds[line.stream]}`}
      data-unfinished={line.stream}
    >
      <span className="sticky left-0 flex shrink-0 items-start gap-1.5 bg-surface pl-2">
        <span className="w-9 select-none text-right text-ink-2 sm:w-14" title="This line has not ended yet">
          <span aria-hidden>…</span>
          <span className="sr-only">not ended yet</span>
        </span>
      </span>
      {hasTime ? (
        <span className="hidden shrink-0 select-none whitespace-pre sm:inline">{' '.repeat(8)}</span>
      ) : null}
      {hasStep ? (
        <span className="w-20 shrink-0 select-none truncate text-ink-2 sm:w-40">{line.stepId}</span>
      ) : null}
      <span
        className={`[unicode-bidi:isolate] ${isWrapped ? 'min-w-0 whitespace-pre-wrap break-all' : 'whitespace-pre'}`}
      >
        <AnsiText text={line.text} />
      </span>
    </div>
  );
}

function timeText(line: LogLine, style: TimeStyle, startMs: number): string {
  if (style === 'relative') return `+${((Date.parse(line.at) - startMs) / 1000).toFixed(2)}`.padStart(8);
  return new Date(line.at).toLocaleTimeString('en-GB', { hour12: false });
}
