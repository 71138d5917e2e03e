import { memo } from 'react';
import { StateGlyph } from '@/app/_components/state-glyph';
import type { LogLine } from '@/lib/model/log-line';
import type { StepStatus } from '@/lib/model/status';
import { AnsiText } from './ansi-text';

export type TimeStyle = 'clock' | 'relative' | 'off';

interface LogRowProps {
  line: LogLine;
  /** Null where every line is of one step. */
  status: StepStatus | null;
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
  stderr: 'bg-failed/6',
  system: 'bg-sunken',
  stdout: '',
};

/** Gutter with the step's state and the line's number (a link), time, text. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { line, status, time, startMs, isWrapped, isChosen, isHit, onChoose } = props;
  const ground = isChosen ? grounds.chosen : isHit ? grounds.hit : grounds[line.stream];
  return (
    <div
      className={`flex min-w-full gap-2 pr-3 font-mono text-code ${isWrapped ? '' : 'w-max'} ${ground}`}
      data-line={line.seq}
    >
      <span className="sticky left-0 flex shrink-0 items-start gap-1.5 bg-surface pl-2">
        {status ? (
          <span className="mt-[3px]" title={line.stepId}>
            <StateGlyph state={status} size={12} isDecorative />
          </span>
        ) : null}
        <button
          type="button"
          tabIndex={-1}
          title="Link to this line"
          className="w-9 select-none sm:w-14 text-right text-ink-3 hover:text-accent"
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
      {status ? (
        <span className="w-16 shrink-0 select-none truncate sm:w-24 text-ink-2">{line.stepId}</span>
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

function timeText(line: LogLine, style: TimeStyle, startMs: number): string {
  if (style === 'relative') return `+${((Date.parse(line.at) - startMs) / 1000).toFixed(2)}`.padStart(8);
  return new Date(line.at).toLocaleTimeString('en-GB', { hour12: false });
}
