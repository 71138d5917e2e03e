import type { Execution, Fault } from '@/lib/model/execution';
import { isFinalExecution } from '@/lib/model/status';
import { staysUp } from '@/lib/model/step-kind';
import { allSteps } from './use-selection';

/**
 * The step that the page shows. Without a choice in the address: the first fault of a run that did not pass, and what runs
 * while it runs. Null: all of them.
 */
export function shownStep(
  execution: Execution,
  faults: readonly Fault[],
  asked: string | null,
): string | null {
  if (asked === allSteps) return null;
  if (asked !== null && execution.steps.some(({ id }) => id === asked)) return asked;
  const first = faults[0]?.stepId ?? null;
  if (isFinalExecution(execution.status)) return execution.status === 'passed' ? null : first;
  return first ?? runningStep(execution);
}

/** The step that began last among those that run; services only when nothing else runs. */
function runningStep({ steps }: Execution): string | null {
  const running = steps.filter(({ status }) => status === 'running' || status === 'starting');
  const own = running.filter(({ kind }) => !staysUp(kind));
  const found = (own.length > 0 ? own : running).toSorted((a, b) =>
    (b.startedAt ?? '').localeCompare(a.startedAt ?? ''),
  );
  return found[0]?.id ?? null;
}
