import type { ClaimedExecution } from '../store/store';
import { runWithEarlyPulls } from './early-pulls';
import type { EngineDependencies } from './engine';
import type { ExecutionRun, RunContext } from './execution-run';
import { createForcedCancels } from './forced-cancels';
import type { ReportParser } from './reports/report-parser';
import { createStepLimits } from './step-limits';
import { warnOnFailure } from './warn-on-failure';

/** The executions whose leases this control plane holds, each with its run. */
export interface HeldExecutions {
  count(): number;
  /** Runs what was claimed, in place of an earlier run of the same execution; releases what cannot be run. */
  begin(claimed: ClaimedExecution): Promise<void>;
  /** Renews all leases. Detaches the runs whose leases are lost. */
  renew(): Promise<void>;
  /** Renews all leases when more than half of a lease may be over. */
  renewIfOld(): Promise<void>;
  /** Cancels the runs whose cancellation somebody has asked for. */
  cancelRequested(): Promise<void>;
  detachAll(): void;
  /** Resolves when every run has let go, also one that another of the same execution replaced. */
  settle(): Promise<unknown>;
}

export function createHeldExecutions(
  deps: EngineDependencies & { reports: ReportParser },
  { stopping, onRoom }: { stopping: AbortSignal; onRoom: () => void },
): HeldExecutions {
  const { clock, store, limits, owner } = deps;
  const held = new Map<string, { claimed: ClaimedExecution; run: ExecutionRun }>();
  // Every run that has not let go, also one that another run of the same execution replaces.
  const unfinished = new Set<Promise<void>>();
  const placesOf = createStepLimits();
  const forcedCancels = createForcedCancels(store.events);
  let renewedAtMs = clock.monotonicMs();

  async function begin(claimed: ClaimedExecution): Promise<void> {
    const { id } = claimed;
    const before = held.get(id);
    if (before) {
      before.run.detach();
      await before.run.done;
    }
    const context = await warnOnFailure(deps, 'a claimed execution could not be loaded', () =>
      loadContext(deps, placesOf, claimed),
    );
    if (!context || stopping.aborted) return release(deps, claimed);
    const run = runWithEarlyPulls(deps, context);
    const entry = { claimed, run };
    held.set(id, entry);
    if (context.execution.cancelRequestedAt) void cancelRequested();
    const finished = run.done.then(async (hasEnded) => {
      if (held.get(id) === entry) {
        held.delete(id);
        forcedCancels.forget(id);
      }
      if (!hasEnded) await release(deps, claimed);
      onRoom();
    });
    unfinished.add(finished);
    void finished.finally(() => unfinished.delete(finished));
  }

  async function renew(): Promise<void> {
    const renewed = [...held.values()];
    const fences = renewed.map(({ claimed }) => ({ id: claimed.id, epoch: claimed.fence.epoch }));
    const startedAtMs = clock.monotonicMs();
    const lost = new Set(await store.executions.renew(owner, fences, limits.leaseMs));
    renewedAtMs = startedAtMs;
    for (const { claimed, run } of renewed) if (lost.has(claimed.id)) run.detach();
  }

  async function cancelRequested(): Promise<void> {
    await warnOnFailure(deps, 'cancel requests could not be read', async () => {
      for (const [id, { run }] of held) {
        const summary = await store.executions.summary(id);
        if (!summary?.cancelRequestedAt) continue;
        run.cancel(summary.cancelRequestedBy ?? 'someone', await forcedCancels.isForced(id));
      }
    });
  }

  return {
    count: () => held.size,
    begin,
    renew,
    async renewIfOld() {
      if (held.size > 0 && clock.monotonicMs() - renewedAtMs > limits.leaseMs / 2) await renew();
    },
    cancelRequested,
    detachAll() {
      for (const { run } of held.values()) run.detach();
    },
    settle: () => Promise.all(unfinished),
  };
}

async function loadContext(
  { store, backends, limits, owner }: EngineDependencies,
  placesOf: ReturnType<typeof createStepLimits>,
  claimed: ClaimedExecution,
): Promise<RunContext> {
  const { id } = claimed;
  const [execution, plan] = await Promise.all([store.executions.get(id), store.executions.plan(id)]);
  if (!execution || !plan) throw new Error(`execution ${id} has no record`);
  const backendId = execution.backend.id;
  const capacity = (await backends.capacity?.(backendId)) ?? limits.maxSteps;
  const places = placesOf(backendId, capacity);
  return { claimed, execution, plan, places, backend: await backends.get(backendId), owner };
}

/** Gives the lease back, so that the next one goes on at once. One that is lost already needs no giving back. */
async function release(deps: EngineDependencies, { id, fence }: ClaimedExecution): Promise<void> {
  await warnOnFailure(deps, 'an execution could not be released; its lease runs out', () =>
    deps.store.executions.release(id, fence),
  );
}
