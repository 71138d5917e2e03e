import { waitAtMost } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { staysUp } from '../../model/node';
import type { StepSpec } from '../../model/step-spec';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { handedOver } from '../outcome';
import type { RemoteDependencies } from './dependencies';
import { createLineReader } from './line-reader';
import { settleJob } from './settle-job';
import { createTeller } from './teller';

/** Below the doorbell, for a ring that was lost. */
const lookAgainMs = 5_000;
const storeAwayMs = 500;

/** One attempt as a job, from its submission to its outcome; see the contract of `Backend.runStep`. */
export async function runRemoteStep(
  deps: RemoteDependencies,
  limits: { offlineAfterMs: number },
  step: StepSpec,
  watch: StepWatch,
): Promise<StepOutcome> {
  const { clock, jobs, doorbell, logger } = deps;
  const over = new AbortController();
  const stopped = once(watch.signal, over.signal);
  const letGo = stopped.then((request) => request.why === 'handed_over' || new Promise<never>(() => {}));
  try {
    const jobId = await whileAway(() => jobs.submit(step, staysUp(step.node.kind)));
    const bell = doorbell.listen(jobs.topic(jobId), over.signal);
    const done = await Promise.race([letGo, follow(jobId, () => bell.rung())]);
    return done === true ? handedOver : done;
  } finally {
    over.abort();
  }

  async function follow(jobId: string, rung: () => Promise<void>): Promise<StepOutcome> {
    const teller = createTeller(deps, limits, step, watch);
    const reader = createLineReader(deps, jobId, watch, teller);
    let hasAsked = false;
    while (!over.signal.aborted) {
      if (watch.signal.aborted && !hasAsked) {
        const request = await stopped;
        await whileAway(() =>
          jobs.want(jobId, request.why === 'not_needed' ? 'stop' : 'cancel', request.graceMs),
        );
        hasAsked = true;
      }
      const job = await whileAway(() => jobs.get(jobId));
      if (!job) throw new AppError('backend_failed', `The job of step ${step.stepId} was removed.`);
      await whileAway(() => teller.tell(job));
      await whileAway(() => reader.readTo(job.logSeq));
      const { id, result } = job;
      if (result) return whileAway(() => settleJob(deps, { id, result }, watch, teller));
      const event = hasAsked ? rung() : Promise.race([rung(), stopped]);
      await waitAtMost(clock, teller.lookAgainMs(job) ?? lookAgainMs, event);
    }
    return handedOver;
  }

  /** A store that is away does not end a step. */
  async function whileAway<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'store_unavailable' || over.signal.aborted)
          throw error;
        logger.debug({ step: step.stepId, error: messageOf(error) }, 'a job cannot be read; trying again');
        await clock.sleep(storeAwayMs, over.signal);
      }
    }
  }
}

/** Resolves with the engine's request when the signal ends; never when `over` does first. */
function once(signal: AbortSignal, over: AbortSignal): Promise<StopRequest> {
  return new Promise((resolve) => {
    const settle = () =>
      resolve(signal.reason instanceof StopRequest ? signal.reason : new StopRequest('cancelled', 10_000));
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true, signal: over });
  });
}
