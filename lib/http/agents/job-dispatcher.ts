import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { ExecJob, Job, StepJob } from '../../model/job';
import type { Logger } from '../../model/logger';
import type { Secrets } from '../../secrets/secrets';
import type { JobClaim } from '../../store/agent-store';
import type { Store } from '../../store/store';
import { admitAgent } from './agent-access';
import { type JobMasks, valuesOf } from './job-masks';

/** Where agents wait for work. One per process. */
export interface JobDispatcher {
  /**
   * The oldest job that the agent may take, at once or within `waitMs`; null when none came, or `signal` ended.
   * Rejects with `forbidden` and `conflict` as `admitAgent` does, and when the queue could not be looked at.
   */
  claim(request: WaitingClaim): Promise<Job | null>;
}

export interface WaitingClaim extends JobClaim {
  kind: 'step' | 'control';
  waitMs: number;
  signal: AbortSignal;
}

interface Waiter extends WaitingClaim {
  /** In the order in which they came. */
  number: number;
  resolve(job: Job | null): void;
  /** Nobody has looked for it yet. */
  isNew: boolean;
  /** It was admitted just now: when that was for nothing, its token is not valid any more. */
  isAdmitted: boolean;
  /** Its time is over, and it takes what this look brings. */
  isLate: boolean;
  reject(error: unknown): void;
}

const retryMs = 500;

/**
 * All who wait are served together: however many they are, a ring costs one look at the queue and one update.
 * `heartbeatMs`: how often plain clients that wait are noted as seen; other agents say so themselves.
 */
export function createJobDispatcher(
  {
    clock,
    store,
    secrets,
    masks,
    logger,
  }: { clock: Clock; store: Store; secrets: Secrets; masks: Pick<JobMasks, 'add'>; logger: Logger },
  { leaseMs, heartbeatMs, offlineAfterMs }: { leaseMs: number; heartbeatMs: number; offlineAfterMs: number },
  closing: AbortSignal,
): JobDispatcher {
  const queues = { step: openQueue('step'), control: openQueue('control') };
  let count = 0;
  setMaxListeners(0, closing);

  function openQueue(kind: Waiter['kind']) {
    const waiters = new Set<Waiter>();
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

    async function give(served: readonly Waiter[]): Promise<void> {
      const jobs = await store.jobs.claim(served, kind, { leaseMs, offlineAfterMs });
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

    async function admit(waiter: Waiter): Promise<void> {
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
    async function deliver(waiter: Waiter, job: Job): Promise<void> {
      try {
        if (waiter.signal.aborted) {
          await store.jobs.release(job.id, job.leaseToken);
          return waiter.resolve(null);
        }
        const delivered = job.kind === 'step' || job.kind === 'exec' ? await withSecrets(waiter, job) : job;
        if (delivered) return waiter.resolve(delivered);
        requeue(waiter);
        wake();
      } catch (error) {
        waiter.reject(error);
      }
    }

    function requeue(waiter: Waiter): void {
      if (waiter.isLate || waiter.signal.aborted || closing.aborted) waiter.resolve(null);
      else waiters.add(waiter);
    }

    function wake(): void {
      isWoken = true;
      if (!isServing) void serve();
    }
    return { waiters, wake };
  }

  /** Their values are in no row: whoever answers looks them up. Without them the job is over. */
  async function withSecrets({ agentId, tokenId }: JobClaim, job: StepJob | ExecJob): Promise<Job | null> {
    try {
      if (job.kind === 'exec') {
        const given = await store.jobs.secretsOfAgent(job.executionId, agentId);
        return { ...job, secrets: await valuesOf(secrets, given) };
      }
      const references = job.spec.node.secrets;
      if (references.length === 0) return job;
      const values = await secrets.resolve(references);
      masks.add(job.id, agentId, Object.values(values));
      return { ...job, spec: { ...job.spec, secrets: values } };
    } catch (error) {
      const holder = { agentId, tokenId, leaseToken: job.leaseToken };
      const failure = { code: 'backend_failed' as const, message: messageOf(error) };
      await store.jobs.complete(job.id, holder, { failure });
      return null;
    }
  }

  function wakeAll(): void {
    for (const queue of Object.values(queues)) queue.wake();
  }

  async function listen(): Promise<void> {
    const subscription = store.notifier.subscribe(store.jobs.queueTopic, closing);
    while (!closing.aborted) {
      await subscription.next();
      wakeAll();
    }
    for (const { waiters } of Object.values(queues)) for (const waiter of waiters) waiter.resolve(null);
  }

  async function noteSeen(): Promise<void> {
    while (!closing.aborted) {
      await clock.sleep(heartbeatMs, closing);
      const waiting = Object.values(queues).flatMap(({ waiters }) => [...waiters]);
      const plain = waiting.filter(({ instance }) => instance === null);
      if (closing.aborted || waiting.length === 0) continue;
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
    claim(order) {
      if (order.signal.aborted || closing.aborted) return Promise.resolve(null);
      const { waiters, wake } = queues[order.kind];
      // Only who waits needs one: it costs more than the rest of this.
      const left = order.waitMs > 0 ? new AbortController() : null;
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          ...order,
          number: count,
          isNew: true,
          isAdmitted: false,
          isLate: order.waitMs === 0,
          resolve: (job) => settle(() => resolve(job)),
          reject: (error) => settle(() => reject(error)),
        };
        const withdraw = () => {
          if (waiters.has(waiter)) waiter.resolve(null);
        };
        const settle = (answer: () => void) => {
          waiters.delete(waiter);
          order.signal.removeEventListener('abort', withdraw);
          left?.abort(null);
          answer();
        };
        count += 1;
        order.signal.addEventListener('abort', withdraw, { once: true });
        waiters.add(waiter);
        if (left) {
          void clock.sleep(order.waitMs, left.signal).then(() => {
            // One who is being served just now gets what comes of it, and one who is new is looked for once.
            waiter.isLate = true;
            if (waiters.has(waiter) && !waiter.isNew) waiter.resolve(null);
          });
        }
        wake();
      });
    },
  };
}
