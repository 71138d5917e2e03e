import type { BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { Inventory, LiveInventory } from '../../model/environment';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Store } from '../../store/store';
import { buildInventory } from './build-inventory';
import { createChangeNotifier } from './change-notifier';
import { type BackendPicture, createBackendLister } from './list-backends';
import { createUsageMeter } from './usage-meter';

/** Interval of refreshes, for what only time changes (a grace period that ends) and what no event reported. */
const refreshMs = 30_000;
/** Backends that cannot be watched are listed this often, and a broken watch is tried again. */
const unwatchedMs = 5_000;

interface InventoryDependencies {
  clock: Clock;
  store: Pick<Store, 'environments' | 'notifier'>;
  backends: BackendRegistry;
  logger: Logger;
}

export interface InventorySource {
  /** Asks every backend now. */
  take(): Promise<Inventory>;
  /** For a feed of snapshots: watches as long as the signal lasts, and rings when `read` has news. */
  subscribe(signal: AbortSignal): { next(): Promise<void> };
  /** Returns the current inventory and lists only backends that have changed. */
  read(): Promise<LiveInventory>;
  /** Something changed that no backend tells. */
  touch(): void;
}

/** The inventory across all backends, kept by their events as long as somebody looks. */
export function createInventorySource(
  { clock, store, backends, logger }: InventoryDependencies,
  isReaping: (executionId: string) => boolean,
): InventorySource {
  const lister = createBackendLister({ clock, backends });
  const meter = createUsageMeter({ clock, backends, logger });
  const subscription = createChangeNotifier();
  let pictures: BackendPicture[] = [];
  let inventory: Inventory | null = null;
  let isListOld = true;
  let areFactsOld = true;

  async function compose(from: readonly BackendPicture[]): Promise<Inventory> {
    const ids = from.flatMap(({ snapshots }) => snapshots.map(({ executionId }) => executionId));
    const facts = await store.environments.facts(ids);
    const byId = new Map(facts.map((each) => [each.id, each]));
    return buildInventory(from, byId, isReaping, clock.now());
  }

  async function read(): Promise<LiveInventory> {
    if (isListOld || areFactsOld || !inventory) {
      const mustList = isListOld || !inventory;
      isListOld = false;
      areFactsOld = false;
      try {
        if (mustList) pictures = await lister.list();
        inventory = await compose(pictures);
      } catch (error) {
        isListOld = true;
        throw error;
      }
    }
    return { inventory, usages: meter.usages() };
  }

  function relist(): void {
    isListOld = true;
    subscription.notify();
  }

  function touch(): void {
    areFactsOld = true;
    subscription.notify();
  }

  async function watchBackend(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const backend = await backends.get(id);
        await backend?.watchEnvironments?.(relist, signal);
      } catch (error) {
        logger.debug({ backend: id, error: messageOf(error) }, 'a backend cannot be watched for now');
      }
      relist();
      await clock.sleep(unwatchedMs, signal);
    }
  }

  /** Also those that are added while somebody looks. */
  async function watchBackends(signal: AbortSignal): Promise<void> {
    const watched = new Set<string>();
    while (!signal.aborted) {
      const options = await backends.options().catch((error: unknown) => {
        logger.warn({ error: messageOf(error) }, 'the backends could not be read');
        return [];
      });
      for (const { id } of options) {
        if (watched.has(id)) continue;
        watched.add(id);
        void watchBackend(id, signal);
      }
      await clock.sleep(refreshMs, signal);
      relist();
    }
  }

  async function watchExecutions(signal: AbortSignal): Promise<void> {
    const overview = store.notifier.subscribe('overview', signal);
    while (!signal.aborted) {
      await overview.next();
      touch();
    }
  }

  return {
    take: async () => compose(await lister.list()),
    subscribe(signal) {
      isListOld = true;
      void watchBackends(signal);
      void watchExecutions(signal);
      void meter.run(() => inventory?.environments ?? [], subscription.notify, signal);
      return subscription.subscribe(signal);
    },
    read,
    touch,
  };
}
