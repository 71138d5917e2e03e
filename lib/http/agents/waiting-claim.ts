import type { Clock } from '../../clock';
import type { Job } from '../../model/job';
import type { JobClaim } from '../../store/agent-store';

export interface ClaimRequest extends JobClaim {
  waitMs: number;
  signal: AbortSignal;
}

/** An agent that waits for a job. It is among the `waiters` of its queue, but while it is served. */
export interface WaitingClaim extends ClaimRequest {
  /** In the order in which they came. */
  number: number;
  resolve(job: Job | null): void;
  reject(error: unknown): void;
  /** Nobody has looked for it yet. */
  isNew: boolean;
  /** It was admitted just now: when that was for nothing, its token is not valid any more. */
  isAdmitted: boolean;
  /** Its time is over, and it takes what this look brings. */
  isLate: boolean;
}

/** Adds the request to the waiters, until it is settled, its signal ends or its time is over. */
export function addWaitingClaim(
  { clock }: { clock: Clock },
  waiters: Set<WaitingClaim>,
  request: ClaimRequest,
  number: number,
): Promise<Job | null> {
  // Only who waits needs one: it costs more than the rest of this.
  const left = request.waitMs > 0 ? new AbortController() : null;
  return new Promise((resolve, reject) => {
    const waiter: WaitingClaim = {
      ...request,
      number,
      isNew: true,
      isAdmitted: false,
      isLate: request.waitMs === 0,
      resolve: (job) => settle(() => resolve(job)),
      reject: (error) => settle(() => reject(error)),
    };
    const withdraw = () => {
      if (waiters.has(waiter)) waiter.resolve(null);
    };
    const settle = (answer: () => void) => {
      waiters.delete(waiter);
      request.signal.removeEventListener('abort', withdraw);
      left?.abort(null);
      answer();
    };
    request.signal.addEventListener('abort', withdraw, { once: true });
    waiters.add(waiter);
    if (!left) return;
    void clock.sleep(request.waitMs, left.signal).then(() => {
      // One who is being served just now gets what comes of it, and one who is new is looked for once.
      waiter.isLate = true;
      if (waiters.has(waiter) && !waiter.isNew) waiter.resolve(null);
    });
  });
}
