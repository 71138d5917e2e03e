import type { BackendRegistry } from '../../backends/backend';
import type { Clock } from '../../clock';
import type { Inventory, LiveInventory } from '../../model/environment';
import { messageOf } from '../../model/errors';
import type { Logger } from '../../model/logger';
import type { Store } from '../../store/store';
import { createBell } from './bell';
import { composeInventory } from './compose';
import { type BackendPicture, createBackendLister } from './list-backends';
import { createUsageMeter } from './usage-meter';

/** What only time changes (a grace that passes), and what no event told. */
const refreshMs = 30_000;
/** Backends that cannot be watched are listed this often, and a broken watch is tried again. */
const unwatchedMs = 5_000;

interface InventoryDependencies {
  clock: Clock;
  store: Pick<Store, 'environments' | 'doorbell'>;
  backends: BackendRegistry;
  logger: Logger;
}

export interface InventorySource {
  /** Asks every backend now. */
  take(): Promise<Inventory>;
  /** For a feed of snapshots: watches as long as the signal lasts, and rings when `read` has news. */
  listen(signal: AbortSignal): { rung(): Promise<void> };
  /** What is known; asks again only what has changed. */
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
  const bell = createBell();
  let pictures: BackendPicture[] = [];
  let inventory: Inventory | null = null;
  let isListOld = true;
  let areFactsOld = true;

  async function compose(from: readonly BackendPicture[]): Promise<Inventory> {
    const ids = from.flatMap(({ snapshots }) => snapshots.map(({ executionId }) => executionId));
    const facts = await store.environments.facts(ids);
    const byId = new Map(facts.map((each) => [each.id, each]));
    return composeInventory(from, byId, isReaping, clock.now());
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
    bell.ring();
  }

  function touch(): void {
    areFactsOld = true;
    bell.ring();
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
    const overview = store.doorbell.listen('overview', signal);
    while (!signal.aborted) {
      await overview.rung();
      touch();
    }
  }

  return {
    take: async () => compose(await lister.list()),
    listen(signal) {
      isListOld = true;
      void watchBackends(signal);
      void watchExecutions(signal);
      void meter.run(() => inventory?.environments ?? [], bell.ring, signal);
      return bell.listen(signal);
    },
    read,
    touch,
  };
}
