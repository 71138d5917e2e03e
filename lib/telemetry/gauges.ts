import { type Clock, withDeadline } from '../clock';
import type { Inventory } from '../model/environment';
import { messageOf } from '../model/errors';
import type { BackendOption } from '../model/launch';
import type { Logger } from '../model/logger';
import type { Store, StoreCounts } from '../store/store';
import { memoize } from './memoize';

/** Sources of a scrape. */
export interface MetricsSources {
  store: Pick<Store, 'counts'>;
  backendOptions(): Promise<BackendOption[]>;
  engine: { environments: { take(): Promise<Inventory> } };
  sse: { openStreams(): number };
}

/** Null is what could not be read in time. */
export interface GaugeReadings {
  counts: StoreCounts | null;
  backends: BackendOption[] | null;
  environments: Inventory['environments'] | null;
  openStreams: number;
}

const limitMs = 2_000;
/** Backends list what they own for it. */
const inventoryMs = 10_000;

/** Never rejects, and answers within two seconds. */
export function createGaugeReader(
  { clock, logger }: { clock: Clock; logger: Logger },
  offlineAfterMs: number,
): (sources: MetricsSources) => Promise<GaugeReadings> {
  const takeInventory = memoize({ clock }, inventoryMs, (sources: MetricsSources) =>
    sources.engine.environments.take(),
  );

  async function inTime<T>(what: string, work: Promise<T>): Promise<T | null> {
    try {
      return await withDeadline(clock, limitMs, work, null);
    } catch (error) {
      logger.debug({ error: messageOf(error) }, `${what} could not be counted`);
      return null;
    }
  }

  return async (sources) => {
    const [counts, backends, inventory] = await Promise.all([
      inTime('rows', sources.store.counts(offlineAfterMs)),
      inTime('backends', sources.backendOptions()),
      inTime('environments', takeInventory(sources)),
    ]);
    const openStreams = sources.sse.openStreams();
    return { counts, backends, environments: inventory?.environments ?? null, openStreams };
  };
}
