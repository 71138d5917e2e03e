import type { Backend } from '../backends/backend';
import { messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { Attempt, StepResult } from '../model/execution';
import type { PlannedNode } from '../model/node';
import type { FinalStepStatus } from '../model/status';
import { staysUp } from '../model/step-kind';
import type { Fence } from '../store/store';
import type { StepsAhead } from './ahead/steps-ahead';
import { fillNode, type SpecContext, specOfAttempt } from './attempt-spec';
import { inputsOf } from './cases/case-results';
import type { Release } from './fair-semaphore';
import { findInputs } from './find-inputs';
import { retryStore } from './retry-store';
import { type AttemptDependencies, type AttemptEnd, runAttempt } from './run-step-attempt';
import type { StepEnds } from './step-ends';
import { giveUpOne, type StepLimit } from './step-limits';
import type { StopController } from './stop-controller';

const maxBackoffMs = 60_000;

export interface StepContext extends SpecContext {
  backend: Backend;
  ahead: StepsAhead;
  fence: Fence;
  places: StepLimit;
  ends: StepEnds;
  stop: StopController;
  abandoned: AbortSignal;
  onReady(): void;
  /** Called in the tick in which the end is recorded, so that what follows joins the same commit. */
  onEnd(status: FinalStepStatus): void;
}

/**
 * One step to its end: waits for a slot, runs attempts, records. A step that another control plane began goes on
 * with the attempt that it stands at. Resolves when the end is committed, or when it was handed over.
 *
 * Nothing is awaited before the first record when a slot is free: the start of a step joins the commit of the
 * end that it waited for.
 */
export async function runStep(
  deps: AttemptDependencies,
  context: StepContext,
  node: PlannedNode,
): Promise<void> {
  const { recorder, stop, places } = context;
  const stepId = node.id;
  const known = recorder.step(stepId);
  let number = known.attempts.length;
  let adopted = known.attempts.find((attempt) => attempt.finishedAt === null) ?? null;
  let retryAt = known.retryAt;
  let unrecorded: NewEvent[] = known.status === 'pending' ? [{ type: 'step.queued', stepId }] : [];
  let release: Release | null = null;

  try {
    for (;;) {
      if (!adopted) {
        if (retryAt) await sleepUntil(deps, retryAt, stop.signal);
        release = stop.signal.aborted ? null : places.semaphore.tryAcquire();
        if (!release && !stop.signal.aborted) {
          if (unrecorded.length > 0)
            await recorder.record({ type: 'step.queued', stepId, waitsFor: places.sentence });
          unrecorded = [];
          giveUpOne(places, context.execution.id);
          release = await places.semaphore.acquire(context.execution.id, stop.signal);
        }
        if (stop.requested()?.request.why === 'detached') return;
        if (!release) return await end(context, stepId, unrecorded, beforeStart(stop, number));
        number += 1;
        await recorder.record(...unrecorded, { type: 'attempt.started', stepId, attempt: number });
        unrecorded = [];
      }
      const ended = await attemptOnce(deps, context, node, number, adopted, release);
      release?.();
      if (!ended) return;
      const { exports, wasReady, isFinal = false, ...how } = ended;
      retryAt =
        !isFinal && mayRetry(node, how, number, wasReady, stop) ? retryTime(deps, node, number) : null;
      const events: NewEvent[] = [
        ...exports,
        { type: 'attempt.finished', stepId, attempt: number, ...how, retryAt },
      ];
      if (retryAt === null) return await end(context, stepId, events, how);
      await recorder.record(...events);
      adopted = null;
    }
  } finally {
    release?.();
  }
}

async function attemptOnce(
  deps: AttemptDependencies,
  context: StepContext,
  node: PlannedNode,
  number: number,
  adopted: Attempt | null,
  release: Release | null,
): Promise<AttemptEnd | null> {
  const { execution, plan, secrets, abandoned, ahead } = context;
  // What the node waited for is committed by now, for the start of this attempt is.
  const filled = fillNode(context, node);
  if ('problem' in filled) return unstartable(filled.problem);
  const found = await findInputs(deps, context, node);
  if ('problem' in found) return unstartable(found.problem);
  const spec = specOfAttempt(deps, context, filled.node, number, found.inputs);
  const what = { execution: execution.id, step: node.id };
  if (!adopted) {
    // Kept for people to look at: the step does not wait for it.
    retryStore(deps, what, abandoned, () => deps.store.executions.saveStepSpec(spec)).catch(
      (error: unknown) =>
        deps.logger.warn({ ...what, error: messageOf(error) }, 'the spec of a step could not be stored'),
    );
  }
  ahead.begin(node.id);
  return runAttempt(
    deps,
    {
      ...context,
      masker: secrets.masker,
      adopted,
      inputs: inputsOf(plan),
      onRunning: ahead.update,
      onReady() {
        // A service that is up does not count against the limit of steps.
        release?.();
        context.onReady();
      },
      onCollecting: () => release?.(),
    },
    spec,
  );
}

/** The suite asks for something that is not there, and to try again would not help. */
function unstartable(reason: string): AttemptEnd {
  const result = { exitCode: null, signal: null, oomKilled: false, reason };
  return { status: 'failed', result, warnings: [], exports: [], wasReady: false, isFinal: true };
}

async function end(
  context: StepContext,
  stepId: string,
  events: NewEvent[],
  { status, result }: { status: FinalStepStatus; result: StepResult },
): Promise<void> {
  const committed = context.recorder.record(...events, { type: 'step.finished', stepId, status, result });
  context.onEnd(status);
  await committed;
}

async function sleepUntil({ clock }: AttemptDependencies, time: string, signal: AbortSignal): Promise<void> {
  const leftMs = Date.parse(time) - clock.now().getTime();
  if (leftMs > 0) await clock.sleep(leftMs, signal);
}

/** One-shot steps are tried again whatever went wrong; a service only until it was ready. */
function mayRetry(
  node: PlannedNode,
  end: Pick<AttemptEnd, 'status'>,
  number: number,
  wasReady: boolean,
  stop: StopController,
): boolean {
  if (stop.signal.aborted || number > node.retries.max) return false;
  if (staysUp(node.kind) && wasReady) return false;
  return end.status === 'failed' || end.status === 'errored' || end.status === 'timed_out';
}

/** The backoff doubles with each attempt, to a minute at most. */
function retryTime({ clock }: AttemptDependencies, node: PlannedNode, number: number): string {
  const backoffMs = Math.min(node.retries.backoffMs * 2 ** (number - 1), maxBackoffMs);
  return new Date(clock.now().getTime() + backoffMs).toISOString();
}

/** How a step that ended between its attempts says so. */
export function beforeWhat(attempts: number): string {
  return attempts === 0 ? 'before it started' : 'before it was tried again';
}

function beforeStart(
  stop: StopController,
  attempts: number,
): { status: FinalStepStatus; result: StepResult } {
  const asked = stop.requested();
  const status =
    asked?.request.why === 'not_needed'
      ? 'skipped'
      : asked?.request.why === 'timed_out'
        ? 'timed_out'
        : 'cancelled';
  const reason = `${asked?.sentence ?? 'stopped'}, ${beforeWhat(attempts)}`;
  return { status, result: { exitCode: null, signal: null, oomKilled: false, reason } };
}
