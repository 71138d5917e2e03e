import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { Job, StepJob } from '../../model/job';
import type { Logger } from '../../model/logger';
import type { Secrets } from '../../secrets/secrets';
import type { KnownAgent } from '../../store/agent-store';
import type { Store } from '../../store/store';

/** Where agents wait for work. One per process. */
export interface ClaimDesk {
  /** The oldest job that the agent may take, at once or within `waitMs`; null when none came, or `signal` ended. */
  claim(request: ClaimOrder): Promise<Job | null>;
}

export interface ClaimOrder {
  agent: KnownAgent;
  kind: 'step' | 'control';
  claimId: string | null;
  waitMs: number;
  signal: AbortSignal;
}

interface Waiter extends ClaimOrder {
  give(job: Job | null): void;
  /** Its time is over: it is only being served still. */
  isLate: boolean;
}

const retryMs = 500;

/**
 * However many agents wait, a ring costs one look at the queue, and a claim for each agent that a job is there for.
 * `heartbeatMs`: how often plain clients that wait are noted as seen; other agents say so themselves.
 */
export function createClaimDesk(
  { clock, store, secrets, logger }: { clock: Clock; store: Store; secrets: Secrets; logger: Logger },
  { leaseMs, heartbeatMs, offlineAfterMs }: { leaseMs: number; heartbeatMs: number; offlineAfterMs: number },
  closing: AbortSignal,
): ClaimDesk {
  const waiters = new Set<Waiter>();
  let isServing = false;
  let isRung = false;
  setMaxListeners(0, closing);

  function ring(): void {
    isRung = true;
    if (!isServing) void serve();
  }

  async function serve(): Promise<void> {
    isServing = true;
    while (isRung && !closing.aborted) {
      isRung = false;
      try {
        await Promise.all([match('step'), match('control')]);
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'jobs could not be looked for; trying again');
        await clock.sleep(retryMs, closing);
        isRung = true;
      }
    }
    isServing = false;
  }

  async function match(kind: Waiter['kind']): Promise<void> {
    const waiting = [...waiters].filter((waiter) => waiter.kind === kind);
    if (waiting.length === 0) return;
    const ids = [...new Set(waiting.map(({ agent }) => agent.id))];
    const chosen = new Set(await store.jobs.claimable(ids, kind, offlineAfterMs));
    await Promise.all(
      [...chosen].map(async (id) => {
        const waiter = waiting.find(({ agent }) => agent.id === id);
        if (waiter && waiters.delete(waiter)) await claimFor(waiter);
      }),
    );
  }

  async function claimFor(waiter: Waiter): Promise<void> {
    try {
      const job = await take(waiter);
      if (job) {
        waiter.give(job);
        // There may be more.
        isRung = true;
      } else waitOn(waiter);
    } catch (error) {
      waitOn(waiter);
      throw error;
    }
  }

  function waitOn(waiter: Waiter): void {
    if (waiter.isLate || waiter.signal.aborted || closing.aborted) waiter.give(null);
    else waiters.add(waiter);
  }

  /** A job for one who has left in the meantime goes back. */
  async function take({ agent, kind, claimId, signal }: ClaimOrder): Promise<Job | null> {
    const job = await store.jobs.claim(agent.id, kind, claimId, { leaseMs, offlineAfterMs });
    if (!job) return null;
    if (!signal.aborted) return job.kind === 'step' ? withSecrets(agent, job) : job;
    await store.jobs.giveBack(job.id, job.leaseToken);
    return null;
  }

  /** Their values are in no row: whoever answers looks them up. Without them the step is over. */
  async function withSecrets(agent: KnownAgent, job: StepJob): Promise<Job | null> {
    const references = job.spec.node.secrets;
    if (references.length === 0) return job;
    try {
      return { ...job, spec: { ...job.spec, secrets: await secrets.resolve(references) } };
    } catch (error) {
      const holder = { agentId: agent.id, tokenId: agent.tokenId, leaseToken: job.leaseToken };
      const failure = { code: 'backend_failed' as const, message: messageOf(error) };
      await store.jobs.complete(job.id, holder, { failure });
      return null;
    }
  }

  async function listen(): Promise<void> {
    const bell = store.doorbell.listen(store.jobs.queueTopic, closing);
    while (!closing.aborted) {
      await bell.rung();
      if (waiters.size > 0) ring();
    }
    for (const waiter of waiters) waiter.give(null);
  }

  async function noteSeen(): Promise<void> {
    while (!closing.aborted) {
      await clock.sleep(heartbeatMs, closing);
      if (waiters.size === 0 || closing.aborted) continue;
      const plain = [...waiters].filter(({ agent }) => agent.instance === null);
      await store.agents
        .seen([...new Set(plain.map(({ agent }) => agent.id))])
        .catch((error: unknown) =>
          logger.warn({ error: messageOf(error) }, 'waiting agents could not be noted as seen'),
        );
      // Below the doorbell: for a ring that was lost, and for an agent that is heard of again.
      ring();
    }
  }

  void listen();
  void noteSeen();

  return {
    async claim(order) {
      const first = await take(order);
      if (first || order.waitMs === 0 || order.signal.aborted || closing.aborted) return first;
      const left = new AbortController();
      return new Promise((resolve) => {
        const waiter: Waiter = {
          ...order,
          isLate: false,
          give(job) {
            waiters.delete(waiter);
            order.signal.removeEventListener('abort', leave);
            left.abort();
            resolve(job);
          },
        };
        const leave = () => waiter.give(null);
        order.signal.addEventListener('abort', leave, { once: true });
        waiters.add(waiter);
        void clock.sleep(order.waitMs, left.signal).then(() => {
          // One who is being served just now gets what comes of it.
          waiter.isLate = true;
          if (waiters.has(waiter)) waiter.give(null);
        });
        // For what came between the look and the wait.
        ring();
      });
    },
  };
}
