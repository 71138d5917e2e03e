import { type Clock, waitAtMost } from '../../clock';
import type { LeaseAnswer } from '../../model/job';
import type { JobHolder } from '../../store/agent-store';
import type { Store } from '../../store/store';

/**
 * Extends the lease, at once. With `waitMs` the answer is kept until something else than going on is wanted, or
 * the time is over: so an agent hears of a stop when it is asked for.
 */
export async function extendLease(
  { clock, store, closing }: { clock: Clock; store: Store; closing: AbortSignal },
  jobId: string,
  holder: JobHolder,
  { leaseMs, waitMs, signal }: { leaseMs: number; waitMs: number; signal: AbortSignal },
): Promise<LeaseAnswer> {
  const over = new AbortController();
  const ended = AbortSignal.any([signal, closing, over.signal]);
  const subscription = store.notifier.subscribe(store.jobs.desiredTopic(jobId), ended);
  const untilMs = clock.monotonicMs() + waitMs;
  try {
    for (;;) {
      const answer = await store.jobs.renew(jobId, holder, leaseMs);
      const leftMs = untilMs - clock.monotonicMs();
      if (answer.desired !== 'run' || leftMs <= 0 || ended.aborted) return answer;
      await waitAtMost(clock, leftMs, subscription.next());
      if (clock.monotonicMs() >= untilMs) return answer;
    }
  } finally {
    over.abort();
  }
}
