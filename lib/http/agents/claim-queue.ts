import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { Job } from '../../model/job';
import type { Logger } from '../../model/logger';
import type { Store } from '../../store/store';
import { admitAgent } from './agent-access';
import { addWaitingClaim, type ClaimRequest, type WaitingClaim } from './waiting-claim';

/** The agents that wait for one kind of job: all are served together, by one look at the queue and one update. */
export interface ClaimQueue {
  claim(request: ClaimRequest): Promise<Job | null>;
  /** Looks for jobs, for all who wait. */
  wake(): void;
  waiting(): readonly WaitingClaim[];
}

const retryMs = 500;

export function createClaimQueue(
  { clock, store, logger }: { clock: Clock; store: Store; logger: Logger },
  kind: 'step' | 'control',
  limits: { leaseMs: number; offlineAfterMs: number },
  closing: AbortSignal,
  /** The job as the agent gets it; null when it is over. */
  complete: (waiter: WaitingClaim, job: Job) => Promise<Job | null>,
): ClaimQueue {
  const waiters = new Set<WaitingClaim>();
  let count = 0;
  let isServing = false;
  let isWoken = false;

  async function serve(): Promise<void> {
    isServing = true;
    while (isWoken && waiters.size > 0 && !closing.aborted) {
      isWoken = false;
      const served = [...waiters].sort((a, b) => a.number - b.number);
      waiters.clear();
      try {
        await give(served);
      } catch (error) {
        for (const waiter of served) if (waiter.isNew) waiter.reject(error);
        logger.warn({ error: messageOf(error) }, 'jobs could not be looked for; trying again');
        if (served.some(({ isNew }) => !isNew)) isWoken = true;
        for (const waiter of served) if (!waiter.isNew) requeue(waiter);
        await clock.sleep(retryMs, closing);
      }
    }
    isServing = false;
  }

  async function give(served: readonly WaitingClaim[]): Promise<void> {
    const jobs = await store.jobs.claim(served, kind, limits);
    for (const [index, waiter] of served.entries()) {
      const job = jobs[index];
      if (job === 'unadmitted') void admit(waiter);
      else {
        waiter.isNew = false;
        waiter.isAdmitted = false;
        if (job) void deliver(waiter, job);
        else requeue(waiter);
      }
    }
  }

  async function admit(waiter: WaitingClaim): Promise<void> {
    try {
      if (waiter.isAdmitted) throw new AppError('unauthorized', 'The token was revoked.');
      waiter.isAdmitted = true;
      await admitAgent({ store }, waiter);
      if (waiter.signal.aborted || closing.aborted) return waiter.resolve(null);
      waiters.add(waiter);
      wake();
    } catch (error) {
      waiter.reject(error);
    }
  }

  /** A job for one who has left in the meantime goes back. */
  async function deliver(waiter: WaitingClaim, job: Job): Promise<void> {
    try {
      if (waiter.signal.aborted) {
        await store.jobs.release(job.id, job.leaseToken);
        return waiter.resolve(null);
      }
      const delivered = await complete(waiter, job);
      if (delivered) return waiter.resolve(delivered);
      requeue(waiter);
      wake();
    } catch (error) {
      waiter.reject(error);
    }
  }

  function requeue(waiter: WaitingClaim): void {
    if (waiter.isLate || waiter.signal.aborted || closing.aborted) waiter.resolve(null);
    else waiters.add(waiter);
  }

  function wake(): void {
    isWoken = true;
    if (!isServing) void serve();
  }

  return {
    claim(request) {
      count += 1;
      const claimed = addWaitingClaim({ clock }, waiters, request, count);
      wake();
      return claimed;
    },
    wake,
    waiting: () => [...waiters],
  };
}
