import { memo, useMemo } from 'react';
import { Sentence } from '@/app/_components/sentence';
import { StatusIcon, stateWord } from '@/app/_components/status-icon';
import { Elapsed, formatDuration, useNow } from '@/app/_components/time';
import type { Step } from '@/lib/model/execution';
import { isFinalStep } from '@/lib/model/status';
import { phasesOf } from './phases';

export const stepColumns =
  'grid-cols-[16px_minmax(0,1fr)_3.75rem] sm:grid-cols-[16px_minmax(0,1.1fr)_minmax(0,1fr)_3.75rem]';

interface StepRowProps {
  step: Step;
  /** What it waits for, in a few words. */
  waits: string | null;
  isSelected: boolean;
  startMs: number;
  spanMs: number;
  onSelect: (step: string) => void;
}

/** One step of the list: made anew only when the step, its selection or the clock's length changes. */
export const StepRow = memo(function StepRow(props: StepRowProps) {
  const { step, waits, isSelected, startMs, spanMs, onSelect } = props;
  const note = noteOf(step, waits);
  return (
    <button
      type="button"
      data-step={step.id}
      data-status={step.status}
      aria-pressed={isSelected}
      onClick={() => onSelect(step.id)}
      className={`grid min-h-7 w-full items-center gap-x-2.5 border-line border-b px-3 py-1 text-left ${stepColumns} ${isSelected ? 'bg-sunken shadow-[inset_2px_0_0_var(--accent)]' : 'hover:bg-sunken'}`}
    >
      <StatusIcon state={step.status} size={14} isDecorative />
      <span className="min-w-0">
        <span className="sr-only">{stateWord(step.status)}: </span>
        <span className="break-words">{step.name}</span>
        {step.attempts.length > 1 ? (
          <span className="text-ink-2 text-xs"> {step.attempts.length} attempts</span>
        ) : null}
        {note ? (
          <span className="block truncate text-ink-2 text-xs">
            <Sentence text={note} />
          </span>
        ) : null}
      </span>
      <PhaseBar step={step} startMs={startMs} spanMs={spanMs} />
      <span className="whitespace-nowrap text-right text-ink-2 text-xs">
        <StepTime step={step} />
      </span>
    </button>
  );
});

function StepTime({ step }: { step: Step }) {
  const { startedAt, finishedAt } = step;
  if (!startedAt) return <span aria-hidden="true">–</span>;
  return <Elapsed from={startedAt} to={finishedAt} everyMs={1_000} />;
}

function PhaseBar({ step, startMs, spanMs }: { step: Step; startMs: number; spanMs: number }) {
  const phases = useMemo(() => phasesOf(step), [step]);
  const isMoving = !isFinalStep(step.status) && phases.some(({ to }) => to === null);
  const now = useNow(isMoving, 1_000);
  return (
    <span className="relative hidden h-2.5 sm:block" aria-hidden="true">
      {phases.map(({ name, from, to, tint }) => {
        const end = to ?? now ?? from;
        const widthMs = Math.max(0, end - from);
        return (
          <span
            key={`${name} ${from}`}
            title={`${name} ${formatDuration(widthMs)}`}
            className={`absolute inset-y-0 rounded-[2px] ${tint}`}
            style={{
              left: `${((from - startMs) / spanMs) * 100}%`,
              width: `max(3px, ${(widthMs / spanMs) * 100}%)`,
            }}
          />
        );
      })}
    </span>
  );
}

/** What it does or waits for, or whose result it keeps; the reason of an end stands in the pane of the step. */
function noteOf(step: Step, waits: string | null): string | null {
  if (step.takeOver?.from) return step.takeOver.sentence;
  if (step.status === 'skipped') return step.result?.reason ?? null;
  const phase = step.attempts.at(-1)?.phase;
  if (phase && step.status === 'starting') return `${phase.name}${phase.detail ? `: ${phase.detail}` : ''}`;
  return waits;
}
