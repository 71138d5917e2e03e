'use client';

import { StateGlyph, stateWord } from '@/app/_components/state-glyph';
import { formatDuration, useNow } from '@/app/_components/time';
import type { Attempt, Execution, Step } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';

interface TimelineProps {
  execution: Execution;
  selected: string | null;
  onSelect: (step: string) => void;
}

interface Phase {
  name: string;
  from: number;
  to: number;
  tint: string;
}

/** One row per step; the phases of its attempts as tints of one bar. */
export function Timeline({ execution, selected, onSelect }: TimelineProps) {
  const now = useNow(!isFinalExecution(execution.status), 200);
  const start = Date.parse(execution.createdAt);
  const end = execution.finishedAt ? Date.parse(execution.finishedAt) : (now ?? start);
  const span = Math.max(1_000, end - start);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return (
    <div className="relative min-h-0 flex-1 overflow-auto bg-surface">
      <div className="sticky top-0 z-10 grid grid-cols-[10rem_1fr] border-line border-b bg-surface">
        <span className="label px-3 py-1.5">Step</span>
        <span className="relative mr-3 h-7">
          {ticks.map((tick) => (
            <span
              key={tick}
              className="absolute top-1.5 text-ink-2 text-xs"
              style={tick === 1 ? { right: 0 } : { left: `${tick * 100}%` }}
            >
              {formatDuration(span * tick)}
            </span>
          ))}
        </span>
      </div>
      <ul>
        {execution.steps.map((step) => (
          <li key={step.id}>
            <button
              type="button"
              aria-pressed={step.id === selected}
              onClick={() => onSelect(step.id)}
              className={`grid h-7 w-full grid-cols-[10rem_1fr] items-center border-line border-b text-left ${step.id === selected ? 'bg-sunken' : 'hover:bg-sunken'}`}
            >
              <span className="flex min-w-0 items-center gap-2 px-3">
                <StateGlyph state={step.status} size={14} isDecorative />
                <span className="truncate" title={step.name}>
                  {step.name}
                </span>
                <span className="sr-only">{stateWord(step.status)}</span>
              </span>
              <span className="relative mr-3 h-4">
                {phasesOf(step, end).map((phase) => (
                  <span
                    key={`${phase.name}${phase.from}`}
                    title={`${phase.name} ${formatDuration(phase.to - phase.from)}`}
                    className={`absolute inset-y-0 rounded-[2px] ${phase.tint}`}
                    style={{
                      left: `${((phase.from - start) / span) * 100}%`,
                      width: `max(2px, ${((phase.to - phase.from) / span) * 100}%)`,
                    }}
                  />
                ))}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function phasesOf(step: Step, now: number): Phase[] {
  const first = step.attempts[0];
  const phases: Phase[] = [];
  if (step.queuedAt) {
    phases.push({
      name: 'waiting',
      from: Date.parse(step.queuedAt),
      to: first ? Date.parse(first.startedAt) : now,
      tint: 'bg-line-strong/60',
    });
  }
  for (const attempt of step.attempts) phases.push(...attemptPhases(attempt, now));
  return phases.filter((phase) => phase.to > phase.from);
}

function attemptPhases(attempt: Attempt, now: number): Phase[] {
  const time = (at: string | null) => (at ? Date.parse(at) : null);
  const end = time(attempt.finishedAt) ?? now;
  const running = time(attempt.runningAt);
  const ready = time(attempt.readyAt);
  const isBad = attempt.status !== 'passed' && attempt.finishedAt !== null;
  return [
    { name: 'starting', from: Date.parse(attempt.startedAt), to: running ?? end, tint: 'bg-running/35' },
    ...(running
      ? [
          {
            name: 'running',
            from: running,
            to: ready ?? end,
            tint: isBad && !ready ? 'bg-failed' : 'bg-running',
          },
        ]
      : []),
    ...(ready ? [{ name: 'ready', from: ready, to: end, tint: isBad ? 'bg-failed' : 'bg-ready' }] : []),
  ];
}
