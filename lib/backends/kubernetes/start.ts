import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { StepWatch } from '../backend';
import { stopRequested } from '../ending';
import { deletePod } from './attempt-pod';
import { containerOf, mainContainer, type Pod } from './objects';
import { recentComplaint } from './pod-events';
import type { PodState } from './pod-state';
import { startPhase, troubleBeforeStart, whyUnscheduled } from './pod-trouble';
import type { RunContext } from './run-context';

/** A pod that a node has taken must be up by then: what hinders it is said as soon as it is known. */
const startLimitMs = 300_000;

/** Resolves once the program runs or has run. Rejects with the cluster's own reason why it will not. */
export async function untilStarted(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  state: PodState,
): Promise<'started' | 'stopped' | 'handed_over'> {
  const over = new AbortController();
  let phase = '';
  const tell = (pod: Pod) => {
    const next = startPhase(pod);
    if (phase === JSON.stringify(next)) return;
    phase = JSON.stringify(next);
    watch.onPhase(next);
  };
  const started = state.until((pod) => {
    const main = containerOf(pod, mainContainer)?.state;
    if (main?.running || main?.terminated) return 'started' as const;
    const trouble = troubleBeforeStart(step, pod);
    if (trouble) throw trouble;
    tell(pod);
    return null;
  });
  const stopped = stopRequested(watch.signal).then(({ why }) =>
    why === 'handed_over' ? ('handed_over' as const) : ('stopped' as const),
  );
  try {
    return await Promise.race([
      started,
      stopped,
      rejectUnscheduled(context, step, state, over.signal),
      rejectUnstarted(context, step, state, over.signal),
    ]);
  } finally {
    over.abort();
    started.catch(() => {});
  }
}

/** The step was stopped before its program ran: what is there of its pod goes. */
export async function abandonStart({ cluster }: RunContext, state: PodState): Promise<void> {
  const { namespace, name } = state.pod().metadata;
  state.expectDeletion();
  await deletePod(cluster, namespace, name, 1);
}

/** The scheduler tries on, and an autoscaler may help it: for as long as the settings say. */
async function rejectUnscheduled(
  { clock, settings }: RunContext,
  step: StepSpec,
  state: PodState,
  signal: AbortSignal,
): Promise<never> {
  await Promise.race([state.until(whyUnscheduled).catch(() => null), aborted(signal)]);
  await clock.sleep(settings.schedulingSeconds * 1000, signal);
  const why = whyUnscheduled(state.pod());
  if (signal.aborted || why === null) return new Promise<never>(() => {});
  throw new AppError(
    'backend_failed',
    `No node of the cluster took step ${step.stepId} within ${settings.schedulingSeconds} s: ${why.replace(/\.$/, '')}.`,
  );
}

async function rejectUnstarted(
  context: RunContext,
  step: StepSpec,
  state: PodState,
  signal: AbortSignal,
): Promise<never> {
  await context.clock.sleep(startLimitMs, signal);
  if (signal.aborted) return new Promise<never>(() => {});
  const complaint = await recentComplaint(context, state.pod());
  throw new AppError(
    'backend_failed',
    `The pod of step ${step.stepId} did not start within ${startLimitMs / 1000} s: ${complaint ?? 'the cluster gives no reason'}.`,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
