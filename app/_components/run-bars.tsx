import { Link } from '@/app/_components/hover-link';
import type { ExecutionSummary } from '@/lib/model/execution';
import { stateColor, stateWord } from './status-icon';
import { formatDuration } from './time';

export type Run = Pick<ExecutionSummary, 'id' | 'status' | 'createdAt' | 'startedAt' | 'finishedAt'>;

/** Runs that have ended, given the newest first, drawn the newest right: height is duration, colour the result. */
export function RunBars({ runs }: { runs: readonly Run[] }) {
  const longest = Math.max(...runs.map(durationOf), 1);
  return (
    <ul className="flex h-6 items-end gap-0.5">
      {[...runs].reverse().map((run) => {
        const words = `${stateWord(run.status)} in ${formatDuration(durationOf(run))}`;
        return (
          <li key={run.id} className={`flex h-full items-end ${stateColor[run.status]}`}>
            <Link
              href={`/executions/${run.id}`}
              aria-label={words}
              title={words}
              className={`w-2 rounded-t-[2px] bg-current hover:opacity-70 ${run.status === 'passed' ? '' : 'border-ink border-b-2'}`}
              style={{ height: `${Math.max(15, (durationOf(run) / longest) * 100)}%` }}
            />
          </li>
        );
      })}
    </ul>
  );
}

export function durationOf(run: Run): number {
  return run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt ?? run.createdAt) : 0;
}
