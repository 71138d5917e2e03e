import { runJobExpiry } from './backends/remote/job-expiry-loop';
import { keepCachePruned } from './dependencies/prune-cache';
import type { Engine } from './engine/engine';
import { runDeclaredSchedules } from './engine/schedules/declared-schedules';
import { runSchedules } from './engine/schedules/run-schedules';
import { launchRefusal } from './identity/launch-refusal';
import type { Ports } from './server-ports';
import type { ScheduleMaker } from './store/schedule-store';
import { runMetricsExport } from './telemetry/export-metrics';
import type { CollectedMetric } from './telemetry/metrics';
import { runWebhooks } from './webhooks/run-webhooks';

/** Of what was fetched from elsewhere, and can be fetched again. */
const cacheLimits = { days: 30, bytes: 2 * 1024 ** 3 };

/**
 * Starts what this process does beside its engine, until `closing`. Each promise resolves when some of it has ended:
 * `beforeEngine` what must have done so before the engine stops.
 */
export function startLoops(
  ports: Ports,
  engine: Engine,
  collect: () => Promise<CollectedMetric[]>,
  closing: AbortSignal,
): { beforeEngine: Promise<unknown>; exported: Promise<void>; cleaned: Promise<unknown> } {
  const { clock, logger, store, catalog, config, secrets, outgoing } = ports;
  const { suiteSchedules, allowsPrivateAddresses, publicUrl } = config;
  const expired = runJobExpiry(
    { clock, logger, jobs: store.jobs },
    { maxDeliveries: 3, offlineAfterMs: ports.offlineAfterMs },
    closing,
  );
  const pruned = keepCachePruned({ clock, logger }, ports.cacheFolder, cacheLimits, closing);
  const refuseLaunch = (maker: ScheduleMaker, suiteId: string) => launchRefusal(store, maker, suiteId);
  const scheduled = runSchedules({ clock, logger, store, engine, refuseLaunch }, suiteSchedules, closing);
  const declared = runDeclaredSchedules({ clock, logger, store, catalog }, suiteSchedules, closing);
  const sent = runWebhooks(
    { clock, logger, store, secrets, outgoing, allowsPrivateAddresses, publicUrl },
    closing,
  );
  const exported = runMetricsExport(
    { clock, logger, instance: ports.owner, collect },
    config.metricsExport,
    closing,
  );
  return {
    beforeEngine: Promise.all([scheduled, declared, sent]),
    exported,
    cleaned: Promise.all([expired, pruned]),
  };
}
