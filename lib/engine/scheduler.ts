import type { NewEvent } from '../model/event';
import type { ClaimedExecution } from '../store/store';
import type { EngineDependencies } from './engine';
import type { Environments } from './environments/environments';
import { createHeldExecutions } from './held-executions';
import type { ReportParser } from './reports/report-parser';
import { runRetention } from './retention';
import { sweep } from './sweep';
import { warnOnFailure } from './warn-on-failure';

/** Rung by the store when something can be claimed. */
const queueTopic = 'queue';

/** Rung when someone asks for a running execution to be cancelled. */
export const cancelTopic = 'cancel';

/** A safety net below the notifier, and how soon an execution whose owner died is found. */
const slowPollMs = 1_000;

/** Claims executions up to the limit, runs them, and keeps their leases. */
export function createScheduler(
  deps: EngineDependencies & { environments: Environments; reports: ReportParser },
): {
  start(): void;
  stop(): Promise<void>;
} {
  const { clock, store, limits, owner } = deps;
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  /** Ends the claim loop's pause. */
  let wake = new AbortController();
  const held = createHeldExecutions(deps, { stopping: stopping.signal, onRoom: () => wake.abort() });

  async function claimLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Made before the claim: a ring during it ends the pause that follows.
      wake = new AbortController();
      const claimed = await warnOnFailure(deps, 'executions could not be claimed', claim);
      await Promise.all((claimed ?? []).map(held.begin));
      if (claimed && claimed.length > 0) continue;
      if (!stopping.signal.aborted) await clock.sleep(slowPollMs, wake.signal);
    }
  }

  async function claim(): Promise<ClaimedExecution[]> {
    const room = Math.max(0, limits.maxExecutions - held.count());
    // After an outage our own leases may have run out: they are renewed before we could claim them ourselves.
    await held.renewIfOld();
    await supersede(deps);
    return store.executions.claim(owner, limits.leaseMs, room);
  }

  async function onEach(topic: string, act: () => unknown): Promise<void> {
    const subscription = store.notifier.subscribe(topic, stopping.signal);
    while (!stopping.signal.aborted) {
      await subscription.next();
      if (!stopping.signal.aborted) await act();
    }
  }

  async function keepLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(limits.leaseMs / 3, stopping.signal);
      if (stopping.signal.aborted || held.count() === 0) continue;
      await warnOnFailure(deps, 'leases could not be renewed', held.renew);
      await held.cancelRequested();
    }
  }

  return {
    start() {
      loops.push(
        onEach(queueTopic, () => wake.abort()),
        claimLoop(),
        keepLoop(),
        onEach(cancelTopic, held.cancelRequested),
        sweep(deps, stopping.signal),
        runRetention(deps, stopping.signal),
      );
    },
    async stop() {
      stopping.abort();
      wake.abort();
      held.detachAll();
      await Promise.all(loops);
      held.detachAll();
      await held.settle();
    },
  };
}

/** Done by whoever claims, again and again until they have ended: no crash loses it. */
async function supersede({ store }: EngineDependencies): Promise<void> {
  for (const { id, by } of await store.executions.superseded()) {
    const event: NewEvent = { type: 'execution.cancel_requested', by: `${by}, which is newer` };
    await store.events.append(id, [event], null);
    store.notifier.notify(cancelTopic);
  }
}
