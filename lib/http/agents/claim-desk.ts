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
export interface ClaimDesk {
  /**
   * The oldest job that the agent may take, at once or within `waitMs`; null when none came, or `signal` ended.
   * Rejects with `forbidden` and `conflict` as `admitAgent` does, and when the queue could not be looked at.
   */
  claim(request: ClaimOrder): Promise<Job | null>;
}

export interface ClaimOrder extends JobClaim {
  kind: 'step' | 'control';
  waitMs: number;
  signal: AbortSignal;
}

interface Waiter extends ClaimOrder {
  /** In the order in which they came. */
  number: number;
  give(job: Job | null): void;
  /** Nobody has looked for it yet. */
  isNew: boolean;
  /** It was admitted just now: when that was for nothing, its token is not valid any more. */
  isAdmitted: boolean;
  /** Its time is over, and it takes what this look brings. */
  isLate: boolean;
  refuse(error: unknown): void;
}

const retryMs = 500;

/**
 * All who wait are served together: however many they are, a ring costs one look at the queue and one update.
 * `heartbeatMs`: how often plain clients that wait are noted as seen; other agents say so themselves.
 */
export function createClaimDesk(
  {
    clock,
    store,
    secrets,
    masks,
    logger,
  }: { clock: Clock; store: Store; secrets: Secrets; masks: Pick<JobMasks, 'know'>; logger: Logger },
  { leaseMs, heartbeatMs, offlineAfterMs }: { leaseMs: number; heartbeatMs: number; offlineAfterMs: number },
  closing: AbortSignal,
): ClaimDesk {
  const counters = { step: openCounter('step'), control: openCounter('control') };
  let count = 0;
  setMaxListeners(0, closing);

  function openCounter(kind: Waiter['kind']) {
    const waiters = new Set<Waiter>();
    let isServing = false;
    let isRung = false;

    async function serve(): Promise<void> {
      isServing = true;
      while (isRung && waiters.size > 0 && !closing.aborted) {
        isRung = false;
        const served = [...waiters].sort((a, b) => a.number - b.number);
        waiters.clear();
        try {
          await give(served);
        } catch (error) {
          for (const waiter of served) if (waiter.isNew) waiter.refuse(error);
          logger.warn({ error: messageOf(error) }, 'jobs could not be looked for; trying again');
          if (served.some(({ isNew }) => !isNew)) isRung = true;
          for (const waiter of served) if (!waiter.isNew) waitOn(waiter);
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
          if (job) void hand(waiter, job);
          else waitOn(waiter);
        }
      }
    }

    async function admit(waiter: Waiter): Promise<void> {
      try {
        if (waiter.isAdmitted) throw new AppError('unauthorized', 'The token was revoked.');
        waiter.isAdmitted = true;
        await admitAgent({ store }, waiter);
        if (waiter.signal.aborted || closing.aborted) return waiter.give(null);
        waiters.add(waiter);
        ring();
      } catch (error) {
        waiter.refuse(error);
      }
    }

    /** A job for one who has left in the meantime goes back. */
    async function hand(waiter: Waiter, job: Job): Promise<void> {
      try {
        if (waiter.signal.aborted) {
          await store.jobs.giveBack(job.id, job.leaseToken);
          return waiter.give(null);
        }
        const handed = job.kind === 'step' || job.kind === 'exec' ? await withSecrets(waiter, job) : job;
        if (handed) return waiter.give(handed);
        waitOn(waiter);
        ring();
      } catch (error) {
        waiter.refuse(error);
      }
    }

    function waitOn(waiter: Waiter): void {
      if (waiter.isLate || waiter.signal.aborted || closing.aborted) waiter.give(null);
      else waiters.add(waiter);
    }

    function ring(): void {
      isRung = true;
      if (!isServing) void serve();
    }
    return { waiters, ring };
  }

  /** Their values are in no row: whoever answers looks them up. Without them the job is over. */
  async function withSecrets({ agentId, tokenId }: JobClaim, job: StepJob | ExecJob): Promise<Job | null> {
    try {
      if (job.kind === 'exec') {
        const given = await store.jobs.givenSecrets(job.executionId, agentId);
        return { ...job, secrets: await valuesOf(secrets, given) };
      }
      const references = job.spec.node.secrets;
      if (references.length === 0) return job;
      const values = await secrets.resolve(references);
      masks.know(job.id, agentId, Object.values(values));
      return { ...job, spec: { ...job.spec, secrets: values } };
    } catch (error) {
      const holder = { agentId, tokenId, leaseToken: job.leaseToken };
      const failure = { code: 'backend_failed' as const, message: messageOf(error) };
      await store.jobs.complete(job.id, holder, { failure });
      return null;
    }
  }

  function ringAll(): void {
    for (const counter of Object.values(counters)) counter.ring();
  }

  async function listen(): Promise<void> {
    const bell = store.doorbell.listen(store.jobs.queueTopic, closing);
    while (!closing.aborted) {
      await bell.rung();
      ringAll();
    }
    for (const { waiters } of Object.values(counters)) for (const waiter of waiters) waiter.give(null);
  }

  async function noteSeen(): Promise<void> {
    while (!closing.aborted) {
      await clock.sleep(heartbeatMs, closing);
      const waiting = Object.values(counters).flatMap(({ waiters }) => [...waiters]);
      const plain = waiting.filter(({ instance }) => instance === null);
      if (closing.aborted || waiting.length === 0) continue;
      await store.agents
        .seen([...new Set(plain.map(({ agentId }) => agentId))])
        .catch((error: unknown) =>
          logger.warn({ error: messageOf(error) }, 'waiting agents could not be noted as seen'),
        );
      // Below the doorbell: for a ring that was lost, and for an agent that is heard of again.
      ringAll();
    }
  }

  void listen();
  void noteSeen();

  return {
    claim(order) {
      if (order.signal.aborted || closing.aborted) return Promise.resolve(null);
      const { waiters, ring } = counters[order.kind];
      // Only who waits needs one: it costs more than the rest of this.
      const left = order.waitMs > 0 ? new AbortController() : null;
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          ...order,
          number: count,
          isNew: true,
          isAdmitted: false,
          isLate: order.waitMs === 0,
          give: (job) => settle(() => resolve(job)),
          refuse: (error) => settle(() => reject(error)),
        };
        const leave = () => {
          if (waiters.has(waiter)) waiter.give(null);
        };
        const settle = (answer: () => void) => {
          waiters.delete(waiter);
          order.signal.removeEventListener('abort', leave);
          left?.abort(null);
          answer();
        };
        count += 1;
        order.signal.addEventListener('abort', leave, { once: true });
        waiters.add(waiter);
        if (left) {
          void clock.sleep(order.waitMs, left.signal).then(() => {
            // One who is being served just now gets what comes of it, and one who is new is looked for once.
            waiter.isLate = true;
            if (waiters.has(waiter) && !waiter.isNew) waiter.give(null);
          });
        }
        ring();
      });
    },
  };
}
