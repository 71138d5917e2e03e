import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Clock } from './clock';
import type { Config } from './config';
import { createFinder } from './dependencies/create-finder';
import { prepareAccess } from './identity/first-start';
import type { Logger } from './model/logger';
import { createOutgoingClient } from './outgoing/client';
import { dockerCredentials } from './registries/docker-credentials';
import { openAllSecrets } from './secrets/open-all';
import { basicOf } from './secrets/registry-logins';
import { createServerBackends } from './server-backends';
import { readInstallationFile, writeInstallationFile } from './store/postgres/installation-file';
import { openPostgresStore } from './store/postgres/postgres-store';
import { redisTransportOf } from './store/redis/pub-sub-transport';
import { openFolderCatalog } from './suites/catalog/folder-catalog';
import { createMetrics } from './telemetry/metrics';
import { createTraces } from './telemetry/traces/traces';

/** The adapters that the settings name, each once: everything in this process stands on them. */
export type Ports = Awaited<ReturnType<typeof openPorts>>['ports'];

/** Opens what the settings name. `newAdminToken` is one that was made meanwhile, to be printed once. */
export async function openPorts(
  { clock, logger }: { clock: Clock; logger: Logger },
  config: Config,
  databaseUrl: string,
  closing: AbortSignal,
) {
  const offlineAfterMs = 3 * config.agentHeartbeatMs;
  const metrics = createMetrics({ clock, logger }, { offlineAfterMs });
  const tracing = createTraces({ clock, logger }, config.tracing);
  const opened = await openPostgresStore(
    { clock, logger },
    databaseUrl,
    redisTransportOf({ clock, logger }, config.redisUrl),
    await readInstallationFile(config.dataFolder),
  );
  const store = tracing.instrument(metrics.instrument(opened));
  await writeInstallationFile({ logger }, config.dataFolder, store.installation.id);
  const { newAdminToken } = await prepareAccess({ store, logger }, config);
  const catalog = await openFolderCatalog({ clock, logger }, config.suiteRoots);
  const credentials = dockerCredentials(config.environment);
  const outgoing = createOutgoingClient({ clock }, config.outgoing);
  const { secrets, seal, logins } = await openAllSecrets({ outgoing }, config, {
    launchSecret: store.executions.launchSecret,
    settings: store.settings,
  });
  const backends = createServerBackends(
    { clock, logger, store, credentials },
    { config, offlineAfterMs },
    closing,
  );
  const cacheFolder = path.join(config.dataFolder, 'dependencies');
  const finder = createFinder({
    catalog,
    git: { clock, environment: config.environment, limitMs: config.fetchLimitMs },
    registry: {
      outgoing,
      limitMs: config.fetchLimitMs,
      // The platform's own come first, as for the images of steps.
      credentials: async (host) => basicOf(await logins.find(host)) ?? credentials(host),
      insecure: config.insecureRegistries,
    },
    cacheFolder,
  });
  const ports = {
    ...{ clock, logger, config, offlineAfterMs, metrics, tracing, store },
    ...{ catalog, outgoing, secrets, seal, logins, backends, finder, cacheFolder },
    owner: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
  };
  return { ports, newAdminToken };
}
