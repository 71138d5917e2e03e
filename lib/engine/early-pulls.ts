import { isFinalStep } from '../model/status';
import { isReused } from './result-reuse';
import type { AttemptDependencies } from './run-attempt';
import { type ExecutionRun, type RunContext, runExecution } from './run-execution';

/**
 * Runs an execution as `runExecution` does, while its backend pulls the images of steps that are still to come. The pulls
 * end with the run, and as soon as it is cancelled or detached. They change nothing about the outcome of a step: one that
 * needs an image waits for its pull, or pulls it again.
 */
export function runWithEarlyPulls(deps: AttemptDependencies, context: RunContext): ExecutionRun {
  const over = new AbortController();
  const pulled = pullImages(deps, context, over.signal);
  const { cancel, detach, done } = runExecution(deps, context);
  return {
    cancel(by, isForced) {
      over.abort();
      cancel(by, isForced);
    },
    detach() {
      over.abort();
      detach();
    },
    done: done.finally(async () => {
      over.abort();
      await pulled;
    }),
  };
}

async function pullImages(
  { logins }: AttemptDependencies,
  { backend, plan, execution }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  if (execution.cancelRequestedAt !== null) return;
  const waiting = new Set(
    execution.steps.filter((step) => !isFinalStep(step.status) && !isReused(step)).map(({ id }) => id),
  );
  const nodes = plan.nodes.filter(({ id }) => waiting.has(id));
  await backend?.pullImages?.(nodes, { signal, registryLogin: (host) => logins.find(host) });
}
