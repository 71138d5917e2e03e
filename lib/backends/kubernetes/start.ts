import { untilAborted } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { defaultWaitMs, type StepWatch } from '../backend';
import { stopRequested } from '../supervise-program';
import { deletePod } from './attempt-pod';
import { containerOf, mainContainer, type Pod } from './objects';
import { type InputPlacement, placeInputs } from './place-inputs';
import { recentWarning } from './pod-events';
import { failedPull, failureBeforeStart, startPhase, whyGated, whyUnscheduled } from './pod-failure';
import type { PodState } from './pod-state';
import type { RunContext } from './run-context';
import { nameTaints } from './taints';

/** A pod that a node has taken must be up by then: what hinders it is said as soon as it is known. */
const startLimitMs = 300_000;

/** Resolves once the program runs or has run. Rejects with the cluster's own reason why it will not. */
export async function untilStarted(
  context: RunContext,
  step: StepSpec,
  watch: StepWatch,
  state: PodState,
): Promise<'started' | 'stopped' | 'detached'> {
  const over = new AbortController();
  let phase = '';
  let pullSaid = '';
  const report = (pod: Pod) => {
    const next = startPhase(pod);
    if (phase === JSON.stringify(next)) return;
    phase = JSON.stringify(next);
    watch.onPhase(next);
  };
  const started = state.until((pod) => {
    const main = containerOf(pod, mainContainer)?.state;
    if (main?.running || main?.terminated) return 'started' as const;
    pullSaid = failedPull(pod) || pullSaid;
    const failure = failureBeforeStart(step, pod, pullSaid);
    if (failure) throw failure;
    report(pod);
    return null;
  });
  const stopped = stopRequested(watch.signal).then(({ why }) =>
    why === 'detached' ? ('detached' as const) : ('stopped' as const),
  );
  const placement = placeInputs(context, step, watch, state, over.signal);
  try {
    return await Promise.race([
      started,
      stopped,
      placement.done.then(() => started),
      rejectGated(context, step, state, over.signal),
      rejectUnscheduled(context, step, state, over.signal),
      rejectUnstarted(context, step, state, placement, over.signal),
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

/** Rejects when scheduling gates have held the pod back for `waits.timeout`. */
async function rejectGated(
  { clock }: RunContext,
  step: StepSpec,
  state: PodState,
  signal: AbortSignal,
): Promise<never> {
  const limitMs = step.waitTimeoutMs ?? defaultWaitMs;
  await Promise.race([state.until(whyGated).catch(() => null), untilAborted(signal)]);
  await clock.sleep(limitMs, signal);
  const why = whyGated(state.pod());
  if (signal.aborted || why === null) return new Promise<never>(() => {});
  throw new AppError(
    'backend_unavailable',
    `The cluster held step ${step.stepId} back for ${limitMs / 1000} s (\`waits.timeout\`): ${why}.`,
  );
}

/** The scheduler tries on, and an autoscaler may help it: for as long as the settings say. */
async function rejectUnscheduled(
  { clock, cluster, settings }: RunContext,
  step: StepSpec,
  state: PodState,
  signal: AbortSignal,
): Promise<never> {
  await Promise.race([state.until(whyUnscheduled).catch(() => null), untilAborted(signal)]);
  await clock.sleep(settings.schedulingSeconds * 1000, signal);
  const why = whyUnscheduled(state.pod());
  if (signal.aborted || why === null) return new Promise<never>(() => {});
  const taints = await nameTaints(cluster, why);
  const hint =
    taints === null
      ? ''
      : ` Taints: ${taints}. Add \`tolerations\` to the cluster's settings where steps may run there.`;
  throw new AppError(
    'backend_failed',
    `No node of the cluster took step ${step.stepId} within ${settings.schedulingSeconds} s: ${why.replace(/\.$/, '')}.${hint}`,
  );
}

async function rejectUnstarted(
  context: RunContext,
  step: StepSpec,
  state: PodState,
  placement: InputPlacement,
  signal: AbortSignal,
): Promise<never> {
  await Promise.race([
    state.until((pod) => (whyGated(pod) ? null : true)).catch(() => null),
    untilAborted(signal),
  ]);
  do await context.clock.sleep(startLimitMs, signal);
  while (placement.isUnderWay() && !signal.aborted);
  if (signal.aborted) return new Promise<never>(() => {});
  const warning = await recentWarning(context, state.pod());
  throw new AppError(
    'backend_failed',
    `The pod of step ${step.stepId} did not start within ${startLimitMs / 1000} s: ${warning ?? 'the cluster gives no reason'}.`,
  );
}
