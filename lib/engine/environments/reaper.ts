import type { BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { Environment, Inventory, ReapProgress, ReapResult } from '../../model/environment';
import { AppError, messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import { isFinalExecution } from '../../model/status';
import type { Store } from '../../store/store';
import { createFairSemaphore } from '../fair-semaphore';
import { removeEnvironment } from './remove';

/** Environments at the same time; a backend removes several things of one at a time by itself. */
const parallel = 2;
/** Time limit from a requested cancel to the end of the execution, its own removal included. */
const cancelLimitMs = 180_000;

export type OnProgress = (progress: ReapProgress) => void;

export interface ReapOptions {
  /** Name of the requesting user. */
  by: string;
  /** Also when its execution runs: it is cancelled first. */
  force: boolean;
}

export interface Reaper {
  /**
   * Removes one environment. Idempotent: whoever asks while it is being removed joins in, and what is gone already
   * is an empty receipt. Goes on when the caller leaves. Rejects with `not_found` when nobody knows it.
   */
  reap(id: string, options: ReapOptions, onProgress?: OnProgress): Promise<ReapResult>;
  /** The zombies, or everything. Those whose execution runs are refused unless forced. */
  reapAll(
    scope: 'zombies' | 'all',
    /** Environments for which `mayReap` is false are left alone. */
    options: ReapOptions & { mayReap?: (environment: Environment) => boolean },
    onProgress?: OnProgress,
  ): Promise<ReapResult[]>;
  isReaping(id: string): boolean;
}

interface ReaperDependencies {
  clock: Clock;
  store: Pick<Store, 'environments' | 'executions' | 'events' | 'notifier'>;
  backends: BackendRegistry;
  logger: Logger;
  take(): Promise<Inventory>;
  cancel(id: string, by: string): Promise<unknown>;
  /** Ends every wait for the store. */
  stopping: AbortSignal;
  /** The set of those that are being reaped has changed. */
  onChange(): void;
}

export function createReaper(deps: ReaperDependencies): Reaper {
  const { clock, store, backends, logger } = deps;
  const slots = createFairSemaphore(parallel);
  const running = new Map<string, { result: Promise<ReapResult>; listeners: Set<OnProgress> }>();

  /** Known from the first moment on, so that whoever comes while it is being looked for joins in too. */
  function join(
    id: string,
    find: () => Promise<Environment | null>,
    options: ReapOptions,
    onProgress?: OnProgress,
  ): Promise<ReapResult> {
    const known = running.get(id);
    if (known) {
      if (onProgress) known.listeners.add(onProgress);
      return known.result;
    }
    const listeners = new Set(onProgress ? [onProgress] : []);
    const emit: OnProgress = (progress) => {
      for (const listener of listeners) listener(progress);
    };
    const result = reapOne(id, find, options, emit).then((done) => {
      emit({ type: 'done', result: done });
      return done;
    });
    running.set(id, { result, listeners });
    deps.onChange();
    const forget = () => {
      running.delete(id);
      deps.onChange();
    };
    result.then(forget, forget);
    return result;
  }

  async function reapOne(
    id: string,
    find: () => Promise<Environment | null>,
    { by, force }: ReapOptions,
    emit: OnProgress,
  ): Promise<ReapResult> {
    const environment = await find();
    // Read anew: what the list said may be over. A row is older than the first thing that its execution made.
    const [facts] = await store.environments.facts([id]);
    const backendId = environment?.backend.id ?? facts?.backend.id;
    if (backendId === undefined) {
      throw new AppError('not_found', `There is no environment ${id}, and no execution of that name.`);
    }
    if (facts && !isFinalExecution(facts.status)) {
      if (!force && environment?.state !== 'zombie') {
        return refused(id, 'Its execution runs. Ask with force to cancel it first.');
      }
      emit({ type: 'cancelling', id });
      if (!(await cancelAndWait(id, by))) {
        return refused(
          id,
          `Its execution did not end within ${cancelLimitMs / 60_000} min of being cancelled.`,
        );
      }
    }
    const release = await slots.acquire(id, deps.stopping);
    try {
      return await remove(id, backendId, by, emit);
    } finally {
      release?.();
    }
  }

  async function remove(id: string, backendId: string, by: string, emit: OnProgress): Promise<ReapResult> {
    const backend = await backends.get(backendId);
    if (!backend) return refused(id, `The backend ${backendId} is not configured any more.`);
    emit({ type: 'removing', id });
    try {
      const { found: receipt } = await removeEnvironment(deps, backend, id, {
        by,
        onRemoved: ({ kind, name }) => emit({ type: 'removed', id, kind, name }),
        stopping: deps.stopping,
      });
      logger.info({ execution: id, backend: backendId, by, ...receipt }, 'an environment was reaped');
      return { id, outcome: receipt.left.length > 0 ? 'left' : 'removed', receipt, reason: null };
    } catch (error) {
      logger.warn({ execution: id, backend: backendId, by, error: messageOf(error) }, 'a reap failed');
      return refused(id, `It could not be removed: ${messageOf(error)}`);
    }
  }

  /** False when it has not ended in time. */
  async function cancelAndWait(id: string, by: string): Promise<boolean> {
    const over = new AbortController();
    const subscription = store.notifier.subscribe(store.events.topic(id), over.signal);
    void clock.sleep(cancelLimitMs, over.signal).then(() => over.abort());
    try {
      await deps.cancel(id, by).catch((error: unknown) => {
        // It has ended by itself in the meantime.
        if (!(error instanceof AppError && error.code === 'conflict')) throw error;
      });
      for (;;) {
        const summary = await store.executions.summary(id);
        if (!summary || isFinalExecution(summary.status)) return true;
        if (over.signal.aborted) return false;
        await subscription.next();
      }
    } finally {
      over.abort();
    }
  }

  return {
    reap: (id, options, onProgress) => {
      const find = async () => (await deps.take()).environments.find((each) => each.id === id) ?? null;
      return join(id, find, options, onProgress);
    },
    async reapAll(scope, { mayReap = () => true, ...options }, onProgress) {
      const { environments } = await deps.take();
      const chosen = environments.filter(
        (each) => (scope === 'all' || each.state === 'zombie') && mayReap(each),
      );
      return Promise.all(
        chosen.map((each) =>
          join(each.id, async () => each, options, onProgress).catch((error: unknown) => {
            const result = refused(each.id, messageOf(error));
            onProgress?.({ type: 'done', result });
            return result;
          }),
        ),
      );
    },
    isReaping: (id) => running.has(id),
  };
}

function refused(id: string, reason: string): ReapResult {
  return { id, outcome: 'refused', receipt: { created: 0, removed: 0, left: [] }, reason };
}
