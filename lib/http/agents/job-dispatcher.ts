import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Job } from '../../model/job';
import type { Logger } from '../../model/logger';
import type { Secrets } from '../../secrets/secrets';
import type { Store } from '../../store/store';
import { createClaimQueue } from './claim-queue';
import type { JobMasks } from './job-masks';
import { withSecrets } from './job-secrets';
import type { ClaimRequest, WaitingClaim } from './waiting-claim';

/** Where agents wait for work. One per process. */
export interface JobDispatcher {
  /**
   * The oldest job that the agent may take, at once or within `waitMs`; null when none came, or `signal` ended.
   * Rejects with `forbidden` and `conflict` as `admitAgent` does, and when the queue could not be looked at.
   */
  claim(request: ClaimRequest & { kind: 'step' | 'control' }): Promise<Job | null>;
}

/**
 * All who wait are served together: however many they are, a ring costs one look at the queue and one update.
 * `heartbeatMs`: how often plain clients that wait are noted as seen; other agents say so themselves.
 */
export function createJobDispatcher(
  deps: { clock: Clock; store: Store; secrets: Secrets; masks: Pick<JobMasks, 'add'>; logger: Logger },
  { heartbeatMs, ...limits }: { leaseMs: number; heartbeatMs: number; offlineAfterMs: number },
  closing: AbortSignal,
): JobDispatcher {
  const { clock, store, logger } = deps;
  const complete = async (waiter: WaitingClaim, job: Job) =>
    job.kind === 'step' || job.kind === 'exec' ? await withSecrets(deps, waiter, job) : job;
  const queues = {
    step: createClaimQueue(deps, 'step', limits, closing, complete),
    control: createClaimQueue(deps, 'control', limits, closing, complete),
  };
  const waiting = () => Object.values(queues).flatMap((queue) => queue.waiting());
  setMaxListeners(0, closing);

  function wakeAll(): void {
    for (const queue of Object.values(queues)) queue.wake();
  }

  async function listen(): Promise<void> {
    const subscription = store.notifier.subscribe(store.jobs.queueTopic, closing);
    while (!closing.aborted) {
      await subscription.next();
      wakeAll();
    }
    for (const waiter of waiting()) waiter.resolve(null);
  }

  async function noteSeen(): Promise<void> {
    while (!closing.aborted) {
      await clock.sleep(heartbeatMs, closing);
      const agents = waiting();
      const plain = agents.filter(({ instance }) => instance === null);
      if (closing.aborted || agents.length === 0) continue;
      await store.agents
        .seen([...new Set(plain.map(({ agentId }) => agentId))])
        .catch((error: unknown) =>
          logger.warn({ error: messageOf(error) }, 'waiting agents could not be noted as seen'),
        );
      // Below the notifier: for a ring that was lost, and for an agent that is heard of again.
      wakeAll();
    }
  }

  void listen();
  void noteSeen();

  return {
    claim({ kind, ...request }) {
      if (request.signal.aborted || closing.aborted) return Promise.resolve(null);
      return queues[kind].claim(request);
    },
  };
}
