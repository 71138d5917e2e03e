import type { Attempt, Step } from '@/lib/model/execution';

export interface Phase {
  name: string;
  /** Milliseconds since the epoch; `to` is null while it lasts. */
  from: number;
  to: number | null;
  tint: string;
}

/** What a step has spent its time with, attempt by attempt. */
export function phasesOf(step: Step): Phase[] {
  const first = step.attempts[0];
  const waiting: Phase[] = step.queuedAt
    ? [
        {
          name: 'waiting',
          from: Date.parse(step.queuedAt),
          to: timeOf(first?.startedAt ?? step.finishedAt),
          tint: 'bg-line-strong',
        },
      ]
    : [];
  return [...waiting, ...step.attempts.flatMap(attemptPhases)];
}

function attemptPhases(attempt: Attempt): Phase[] {
  const end = timeOf(attempt.finishedAt);
  const running = timeOf(attempt.runningAt);
  const ready = timeOf(attempt.readyAt);
  const isBad = attempt.status !== 'passed' && attempt.finishedAt !== null;
  const phases: Phase[] = [
    { name: 'starting', from: Date.parse(attempt.startedAt), to: running ?? end, tint: 'bg-running/40' },
  ];
  if (running !== null)
    phases.push({
      name: 'running',
      from: running,
      to: ready ?? end,
      tint: isBad && ready === null ? 'bg-failed' : 'bg-running',
    });
  if (ready !== null)
    phases.push({ name: 'ready', from: ready, to: end, tint: isBad ? 'bg-failed' : 'bg-ready' });
  return phases;
}

const niceSeconds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

/** The length of the shared clock: rounded up while it grows, so that the bars are drawn anew only now and then. */
export function spanMs(elapsedMs: number, isOver: boolean): number {
  const least = Math.max(1_000, elapsedMs);
  if (isOver) return least;
  const nice = niceSeconds.find((seconds) => seconds * 1_000 >= least);
  return nice === undefined ? Math.ceil(least / 3_600_000) * 3_600_000 : nice * 1_000;
}

function timeOf(at: string | null | undefined): number | null {
  return at ? Date.parse(at) : null;
}
