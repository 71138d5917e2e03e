import { waitAtMost } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import { staysUp } from '../../model/step-kind';
import type { StepSpec } from '../../model/step-spec';
import { type StepOutcome, type StepWatch, StopRequest } from '../backend';
import { detached } from '../outcome';
import type { RemoteDependencies } from './dependencies';
import { createJobProgress } from './job-progress';
import { createLineReader } from './line-reader';
import { settleJob } from './settle-job';

/** Below the notifier, for a ring that was lost. */
const recheckMs = 5_000;
const storeRetryMs = 500;

/** One attempt as a job, from its submission to its outcome; see the contract of `Backend.runStep`. */
export async function runRemoteStep(
  deps: RemoteDependencies,
  limits: { offlineAfterMs: number },
  step: StepSpec,
  watch: StepWatch,
): Promise<StepOutcome> {
  const { clock, jobs, notifier, logger } = deps;
  const over = new AbortController();
  const stopped = once(watch.signal, over.signal);
  const detachRequest = stopped.then((request) => request.why === 'detached' || new Promise<never>(() => {}));
  try {
    const jobId = await whileAway(() => jobs.submit(step, staysUp(step.node.kind)));
    const subscription = notifier.subscribe(jobs.topic(jobId), over.signal);
    const done = await Promise.race([detachRequest, follow(jobId, () => subscription.next())]);
    return done === true ? detached : done;
  } finally {
    over.abort();
  }

  async function follow(jobId: string, notified: () => Promise<void>): Promise<StepOutcome> {
    const progress = createJobProgress(deps, limits, step, watch);
    const reader = createLineReader(deps, jobId, watch, progress);
    let hasRequestedStop = false;
    while (!over.signal.aborted) {
      if (watch.signal.aborted && !hasRequestedStop) {
        const request = await stopped;
        await whileAway(() =>
          jobs.setDesired(jobId, request.why === 'not_needed' ? 'stop' : 'cancel', request.graceMs),
        );
        hasRequestedStop = true;
      }
      const job = await whileAway(() => jobs.get(jobId));
      if (!job) throw new AppError('backend_failed', `The job of step ${step.stepId} was removed.`);
      await whileAway(() => progress.report(job));
      await whileAway(() => reader.readTo(job.logSeq));
      const { id, result } = job;
      if (result) return whileAway(() => settleJob(deps, { id, result }, watch, progress));
      const event = hasRequestedStop ? notified() : Promise.race([notified(), stopped]);
      await waitAtMost(clock, progress.recheckMs(job) ?? recheckMs, event);
    }
    return detached;
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
        await clock.sleep(storeRetryMs, over.signal);
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
