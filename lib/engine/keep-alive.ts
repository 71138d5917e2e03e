import type { NewEvent } from '../model/event';
import type { Execution } from '../model/execution';
import type { Plan } from '../model/plan';
import { isUnsuccessful } from '../model/status';
import { staysUp } from '../model/step-kind';

/** What becomes of the services that are up when everything else has ended. */
export interface KeepAliveDecision {
  /** Left running, unattended. */
  detach: string[];
  stop: string[];
}

/** Whether an execution's environment outlives it. */
export interface KeepAlive {
  /** A service that nothing needs any more: true when it stays up until it is decided. */
  holdsServices(): boolean;
  /** Decides once, when only services are left; null before and after. */
  decide(execution: Execution, left: ReadonlySet<string>, isInterrupted: boolean): KeepAliveDecision | null;
  /** Until when it is kept; null when it is not. */
  keptUntil(): string | null;
  /** The ends of the services that were let go of. */
  endsOfServices(execution: Execution): NewEvent[];
}

/**
 * A cancelled execution, and one that ran out of time, keeps nothing: its services were told to stop with the rest.
 * A service that is not ready is not worth keeping.
 */
export function createKeepAlive(plan: Plan, now: () => Date): KeepAlive {
  const { keep } = plan;
  const services = new Set(plan.nodes.filter((node) => staysUp(node.kind)).map(({ id }) => id));
  let isDecided = !keep;
  let until: string | null = null;
  let kept: string[] = [];

  return {
    holdsServices: () => !isDecided,
    decide(execution, left, isInterrupted) {
      if (!keep || isDecided || [...left].some((id) => !services.has(id))) return null;
      isDecided = true;
      const isWanted =
        !isInterrupted &&
        (keep.when === 'always' || execution.steps.some((step) => isUnsuccessful(step.status)));
      if (!isWanted) return { detach: [], stop: [...left] };
      until = new Date(now().getTime() + keep.forMs).toISOString();
      const ready = new Set(execution.steps.filter(({ status }) => status === 'ready').map(({ id }) => id));
      kept = [...left].filter((id) => ready.has(id));
      return { detach: kept, stop: [...left].filter((id) => !ready.has(id)) };
    },
    keptUntil: () => until,
    endsOfServices: (execution) =>
      execution.steps
        .filter(({ id }) => kept.includes(id))
        .flatMap(({ id: stepId, attempts }) => {
          const reason = `kept up until ${until}; what it prints from now on is not stored`;
          const end = {
            stepId,
            status: 'passed' as const,
            result: { exitCode: null, signal: null, oomKilled: false, reason },
          };
          return [
            {
              type: 'attempt.finished' as const,
              ...end,
              attempt: attempts.length,
              warnings: [],
              retryAt: null,
            },
            { type: 'step.finished' as const, ...end },
          ];
        }),
  };
}
