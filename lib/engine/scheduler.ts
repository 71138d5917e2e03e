import { messageOf } from '../model/errors';
import type { NewEvent } from '../model/event';
import type { ClaimedExecution } from '../store/store';
import { runWithEarlyPulls } from './early-pulls';
import type { EngineDependencies } from './engine';
import type { Environments } from './environments/environments';
import type { ExecutionRun } from './execution-run';
import { createForcedCancels } from './forced-cancels';
import type { ReportParser } from './reports/report-parser';
import { runRetention } from './retention';
import { createStepLimits } from './step-limits';
import { sweep } from './sweep';

/** Rung by the store when something can be claimed. */
const queueTopic = 'queue';

/** Rung when someone asks for a running execution to be cancelled. */
export const cancelTopic = 'cancel';

/** A safety net below the notifier, and how soon an execution whose owner died is found. */
const slowPollMs = 1_000;

interface Running {
  claimed: ClaimedExecution;
  run: ExecutionRun;
}

/** Claims executions up to the limit, runs them, and keeps their leases. */
export function createScheduler(
  deps: EngineDependencies & { environments: Environments; reports: ReportParser },
): {
  start(): void;
  stop(): Promise<void>;
} {
  const { clock, store, limits, owner, logger } = deps;
  const placesOf = createStepLimits();
  const forcedCancels = createForcedCancels(store.events);
  const running = new Map<string, Running>();
  /** Every run that has not let go, also one that another of the same execution replaces. */
  const unfinished = new Set<Promise<void>>();
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  let renewedAtMs = clock.monotonicMs();
  /** Ends the claim loop's pause. */
  let wake = new AbortController();

  async function claimLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Made before the claim: a ring during it ends the pause that follows.
      wake = new AbortController();
      const claimed = await attempt('executions could not be claimed', claim);
      await Promise.all((claimed ?? []).map(begin));
      if (claimed && claimed.length > 0) continue;
      if (!stopping.signal.aborted) await clock.sleep(slowPollMs, wake.signal);
    }
  }

  async function ringLoop(): Promise<void> {
    const subscription = store.notifier.subscribe(queueTopic, stopping.signal);
    while (!stopping.signal.aborted) {
      await subscription.next();
      wake.abort();
    }
  }

  async function claim(): Promise<ClaimedExecution[]> {
    const room = Math.max(0, limits.maxExecutions - running.size);
    // After an outage our own leases may have run out: they are renewed before we could claim them ourselves.
    if (running.size > 0 && clock.monotonicMs() - renewedAtMs > limits.leaseMs / 2) await renew();
    await supersede();
    return store.executions.claim(owner, limits.leaseMs, room);
  }

  /** Done by whoever claims, again and again until they have ended: no crash loses it. */
  async function supersede(): Promise<void> {
    for (const { id, by } of await store.executions.superseded()) {
      const event: NewEvent = { type: 'execution.cancel_requested', by: `${by}, which is newer` };
      await store.events.append(id, [event], null);
      store.notifier.notify(cancelTopic);
    }
  }

  async function begin(claimed: ClaimedExecution): Promise<void> {
    const { id } = claimed;
    const before = running.get(id);
    if (before) {
      before.run.detach();
      await before.run.done;
    }
    const loaded = await attempt('a claimed execution could not be loaded', async () => {
      const [execution, plan] = await Promise.all([store.executions.get(id), store.executions.plan(id)]);
      if (!execution || !plan) throw new Error(`execution ${id} has no record`);
      const backendId = execution.backend.id;
      const capacity = (await deps.backends.capacity?.(backendId)) ?? limits.maxSteps;
      const places = placesOf(backendId, capacity);
      return { execution, plan, places, backend: await deps.backends.get(backendId) };
    });
    if (!loaded || stopping.signal.aborted) return giveBack(claimed);
    const run = runWithEarlyPulls(deps, { claimed, ...loaded, owner });
    const entry = { claimed, run };
    running.set(id, entry);
    if (loaded.execution.cancelRequestedAt) void lookForCancels();
    const finished = run.done.then(async (hasEnded) => {
      if (running.get(id) === entry) {
        running.delete(id);
        forcedCancels.forget(id);
      }
      if (!hasEnded) await giveBack(claimed);
      wake.abort();
    });
    unfinished.add(finished);
    void finished.finally(() => unfinished.delete(finished));
  }

  /** For the next one to go on at once; when the lease is lost already there is nothing to give back. */
  async function giveBack({ id, fence }: ClaimedExecution): Promise<void> {
    await attempt('an execution could not be released; its lease runs out', () =>
      store.executions.release(id, fence),
    );
  }

  async function keepLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(limits.leaseMs / 3, stopping.signal);
      if (stopping.signal.aborted || running.size === 0) continue;
      await attempt('leases could not be renewed', renew);
      await lookForCancels();
    }
  }

  async function renew(): Promise<void> {
    const held = [...running.values()];
    const fences = held.map(({ claimed }) => ({ id: claimed.id, epoch: claimed.fence.epoch }));
    const startedAtMs = clock.monotonicMs();
    const lost = new Set(await store.executions.renew(owner, fences, limits.leaseMs));
    renewedAtMs = startedAtMs;
    for (const { claimed, run } of held) if (lost.has(claimed.id)) run.detach();
  }

  async function cancelLoop(): Promise<void> {
    const subscription = store.notifier.subscribe(cancelTopic, stopping.signal);
    while (!stopping.signal.aborted) {
      await subscription.next();
      if (!stopping.signal.aborted) await lookForCancels();
    }
  }

  async function lookForCancels(): Promise<void> {
    await attempt('cancel requests could not be read', async () => {
      for (const [id, { run }] of running) {
        const summary = await store.executions.summary(id);
        if (!summary?.cancelRequestedAt) continue;
        run.cancel(summary.cancelRequestedBy ?? 'someone', await forcedCancels.isForced(id));
      }
    });
  }

  async function attempt<T>(what: string, action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      logger.warn({ error: messageOf(error) }, what);
      return null;
    }
  }

  return {
    start() {
      loops.push(
        ringLoop(),
        claimLoop(),
        keepLoop(),
        cancelLoop(),
        sweep(deps, stopping.signal),
        runRetention(deps, stopping.signal),
      );
    },
    async stop() {
      stopping.abort();
      wake.abort();
      for (const { run } of running.values()) run.detach();
      await Promise.all(loops);
      for (const { run } of running.values()) run.detach();
      await Promise.all(unfinished);
    },
  };
}
