import { messageOf } from '../model/errors';
import { isFinalStep } from '../model/status';
import type { ExecutionRun, RunContext } from './execution-run';
import { isReused } from './result-reuse';
import { runExecution } from './run-execution';
import type { AttemptDependencies } from './run-step-attempt';

/**
 * Runs an execution as `runExecution` does, while its backend pulls the images of steps that are still to come. The pulls
 * are ended with the run, and as soon as it is cancelled or detached; it never waits for them. They change nothing about
 * the outcome of a step: one that needs an image waits for its pull, or pulls it again.
 */
export function runWithEarlyPulls(deps: AttemptDependencies, context: RunContext): ExecutionRun {
  const over = new AbortController();
  void pullImages(deps, context, over.signal);
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
    done: done.finally(() => over.abort()),
  };
}

async function pullImages(
  { logger, logins }: AttemptDependencies,
  { backend, plan, execution }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  if (execution.cancelRequestedAt !== null) return;
  const waiting = new Set(
    execution.steps.filter((step) => !isFinalStep(step.status) && !isReused(step)).map(({ id }) => id),
  );
  const nodes = plan.nodes.filter(({ id }) => waiting.has(id));
  try {
    await backend?.pullImages?.(nodes, { signal, registryLogin: (host) => logins.find(host) });
  } catch (error) {
    logger.warn({ execution: execution.id, error: messageOf(error) }, 'images could not be pulled early');
  }
}
