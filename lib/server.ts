import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { BackendRegistry } from './backends/backend';
import { validateKubeconfig } from './backends/kubernetes/validate-kubeconfig';
import { runJobExpiry } from './backends/remote/job-expiry-loop';
import { type Clock, systemClock } from './clock';
import { type Config, loadProcessConfig } from './config';
import { createFinder } from './dependencies/create-finder';
import { keepCachePruned } from './dependencies/prune-cache';
import { createEngine } from './engine/create-engine';
import type { Engine } from './engine/engine';
import { createManagedProfiles, type ManagedProfiles } from './engine/managed-profiles';
import { runDeclaredSchedules } from './engine/schedules/declared-schedules';
import { runSchedules } from './engine/schedules/run-schedules';
import { createSchedules, type Schedules } from './engine/schedules/schedules';
import { createSuiteDirectory, type SuiteDirectory } from './engine/suite-directory';
import { createAgentsFeed } from './http/agents/agents-feed';
import { createJobDispatcher, type JobDispatcher } from './http/agents/job-dispatcher';
import { createJobMasks, type JobMasks } from './http/agents/job-masks';
import { type CallerShares, createCallerShares } from './http/caller-shares';
import { createDirectRoutes, type DirectRoutes } from './http/direct-routes';
import { createExecutionStreams, type ExecutionStreams } from './http/execution-streams';
import { createInventoryFeed } from './http/inventory-feed';
import { refuseMethod } from './http/method-not-allowed';
import { createOverviewFeeds, type OverviewFeeds } from './http/overview';
import { createRoute } from './http/route';
import { createSettingsService, type SettingsService } from './http/settings-service';
import { createSseWriter, type SseWriter } from './http/sse-writer';
import { createTrustProxies, type TrustProxies } from './http/trusted-proxies';
import { newSignInToken, prepareAccess } from './identity/first-start';
import { launchRefusal } from './identity/launch-refusal';
import { readStandings } from './identity/read-standings';
import { createSignInLimits, type SignInLimits } from './identity/sign-in-limits';
import type { AgentSummary } from './model/agent';
import type { LiveInventory } from './model/environment';
import type { BackendOption, LaunchSuite } from './model/launch';
import type { Logger } from './model/logger';
import { createOutgoingClient, type OutgoingClient } from './outgoing/client';
import { checkLogin } from './registries/check-login';
import { dockerCredentials } from './registries/docker-credentials';
import { openAllSecrets } from './secrets/open-all';
import { basicOf } from './secrets/registry-logins';
import type { RegistryLogins } from './secrets/secrets';
import { createServerBackends } from './server-backends';
import { startEmbeddedPostgres } from './store/postgres/embedded';
import { readInstallationFile, writeInstallationFile } from './store/postgres/installation-file';
import { openPostgresStore } from './store/postgres/postgres-store';
import { succeedPredecessor } from './store/postgres/predecessor';
import { redisTransportOf } from './store/redis/pub-sub-transport';
import type { Store } from './store/store';
import type { SnapshotFeed } from './streams/snapshot-feed';
import type { SuiteCatalog } from './suites/catalog/catalog';
import { openFolderCatalog } from './suites/catalog/folder-catalog';
import { runMetricsExport } from './telemetry/export-metrics';
import { createLogger } from './telemetry/logger';
import { createMetrics, type Metrics } from './telemetry/metrics';
import { createTraces } from './telemetry/traces/traces';
import { createTriggers, type Triggers } from './triggers/triggers';
import { runWebhooks } from './webhooks/run-webhooks';
import { createWebhooks, type Webhooks } from './webhooks/webhooks';

export interface Server {
  config: Config;
  clock: Clock;
  logger: Logger;
  store: Store;
  catalog: SuiteCatalog;
  backends: BackendRegistry;
  /** What the operator sets over the API. */
  settings: SettingsService;
  logins: RegistryLogins;
  engine: Engine;
  overviews: OverviewFeeds;
  environments: SnapshotFeed<LiveInventory>;
  agents: SnapshotFeed<AgentSummary[]>;
  streams: ExecutionStreams;
  sse: SseWriter;
  shares: CallerShares;
  /** For searches in logs, which one thread does. */
  searchShares: CallerShares;
  /** Where agents wait for work. */
  jobDispatcher: JobDispatcher;
  /** For what agents say. */
  jobMasks: JobMasks;
  /** The launcher asks it before Next. `instrumentation.ts` registers its routes. */
  directRoutes: DirectRoutes;
  metrics: Metrics;
  trustProxies: TrustProxies;
  refuseMethod: typeof refuseMethod;
  backendOptions(): Promise<BackendOption[]>;
  launchSuites(): Promise<LaunchSuite[]>;
  suites: SuiteDirectory;
  profiles: ManagedProfiles;
  schedules: Schedules;
  webhooks: Webhooks;
  triggers: Triggers;
  /** Ends every stream and long poll. */
  closing: AbortSignal;
  /** An admin token that was made at this start, to be printed once. */
  newAdminToken: string | null;
  newSignInToken(): Promise<string>;
  /** Counts wrong passwords. */
  signInLimits: SignInLimits;
  outgoing: OutgoingClient;
  /** Hands executions over, closes streams and store, stops the embedded database. Idempotent. */
  close(): Promise<void>;
}

/** Of what was fetched from elsewhere, and can be fetched again. */
const cacheLimits = { days: 30, bytes: 2 * 1024 ** 3 };

declare global {
  // Next gives instrumentation and route handlers each their own module instances: what is one per process
  // hangs here.
  var gantryServer: Promise<Server> | undefined;
}

/** The one server of this process; the first call starts it. */
export function getServer(): Promise<Server> {
  globalThis.gantryServer ??= startServer();
  return globalThis.gantryServer;
}

/** The helper that route handlers are written with. */
export const route = createRoute(getServer);

async function startServer(): Promise<Server> {
  const config = loadProcessConfig();
  const clock = systemClock;
  const logger = createLogger(config.logLevel);
  await mkdir(config.dataFolder, { recursive: true });
  const embedded = config.databaseUrl
    ? null
    : await startEmbeddedPostgres({ clock, logger }, path.join(config.dataFolder, 'postgres'));
  try {
    const offlineAfterMs = 3 * config.agentHeartbeatMs;
    const metrics = createMetrics({ clock, logger }, { offlineAfterMs });
    const traces = createTraces({ clock, logger }, config.tracing);
    const opened = await openPostgresStore(
      { clock, logger },
      config.databaseUrl ?? embedded?.url ?? '',
      redisTransportOf({ clock, logger }, config.redisUrl),
      await readInstallationFile(config.dataFolder),
    );
    const store = traces.instrument(metrics.instrument(opened));
    await writeInstallationFile({ logger }, config.dataFolder, store.installation.id);
    const { newAdminToken } = await prepareAccess({ store, logger }, config);
    const catalog = await openFolderCatalog({ clock, logger }, config.suiteRoots);
    const closing = new AbortController();
    const credentials = dockerCredentials(config.environment);
    const outgoing = createOutgoingClient({ clock }, config.outgoing);
    const { secrets, seal, logins } = await openAllSecrets({ outgoing }, config, {
      launchSecret: store.executions.launchSecret,
      settings: store.settings,
    });
    const backends = createServerBackends(
      { clock, logger, store, credentials },
      { config, offlineAfterMs },
      closing.signal,
    );
    const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
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
    const jobMasks = createJobMasks({ store, secrets });
    const ports = { clock, store, catalog, finder, backends, secrets, seal, logins, tracing: traces, logger };
    const engine = createEngine({ ...ports, limits: config, owner });
    await succeedPredecessor({ store, logger }, config.dataFolder, owner);
    engine.start();
    const kept = runJobExpiry(
      { clock, logger, jobs: store.jobs },
      { maxDeliveries: 3, offlineAfterMs },
      closing.signal,
    );
    const pruned = keepCachePruned({ clock, logger }, cacheFolder, cacheLimits, closing.signal);
    const scheduled = runSchedules(
      {
        ...{ clock, logger, store, engine },
        refuseLaunch: (maker, suiteId) => launchRefusal(store, maker, suiteId),
      },
      config.suiteSchedules,
      closing.signal,
    );
    const declared = runDeclaredSchedules(
      { clock, logger, store, catalog },
      config.suiteSchedules,
      closing.signal,
    );
    const { allowsPrivateAddresses, publicUrl } = config;
    const sent = runWebhooks(
      { clock, logger, store, secrets, outgoing, allowsPrivateAddresses, publicUrl },
      closing.signal,
    );
    const overviews = createOverviewFeeds({ clock, store, logger }, closing.signal);
    const environments = createInventoryFeed({ clock, logger }, engine.environments, closing.signal);
    const findCallers = (ids: readonly string[]) => readStandings(store, ids);
    const sse = createSseWriter({ clock, logger, findCallers }, closing.signal);
    const backendOptions = () => backends.options();
    const exported = runMetricsExport(
      {
        ...{ clock, logger, instance: owner },
        collect: () => metrics.collect({ store, backendOptions, engine, sse }),
      },
      config.metricsExport,
      closing.signal,
    );
    let closed: Promise<void> | undefined;
    const close = async () => {
      closing.abort();
      await scheduled;
      await declared;
      await sent;
      await engine.stop();
      await Promise.all([traces.close(), exported]);
      await kept;
      await pruned;
      await catalog.close();
      await store.close();
      await embedded?.stop();
    };
    return {
      config,
      clock,
      logger,
      store,
      catalog,
      backends,
      settings: createSettingsService(
        {
          settings: store.settings,
          logins,
          checkLogin: (login) =>
            checkLogin(
              {
                outgoing,
                insecure: config.insecureRegistries,
                addresses: allowsPrivateAddresses ? 'any' : 'remote',
              },
              login,
            ),
        },
        (text) => validateKubeconfig(text, allowsPrivateAddresses),
      ),
      logins,
      engine,
      overviews,
      environments,
      agents: createAgentsFeed({ clock, store, logger }, offlineAfterMs, closing.signal),
      streams: createExecutionStreams({ clock, logger, store }),
      sse,
      shares: createCallerShares(24, 500),
      searchShares: createCallerShares(2, 50),
      jobDispatcher: createJobDispatcher(
        { clock, store, secrets, masks: jobMasks, logger },
        { leaseMs: config.agentLeaseMs, heartbeatMs: config.agentHeartbeatMs, offlineAfterMs },
        closing.signal,
      ),
      jobMasks,
      directRoutes: createDirectRoutes({ logger, sse }),
      metrics,
      trustProxies: createTrustProxies(config.trustedProxies),
      refuseMethod,
      backendOptions,
      launchSuites: () => engine.launchSuites(),
      suites: createSuiteDirectory({ catalog, finder, store }),
      profiles: createManagedProfiles({ clock, store, catalog }),
      schedules: createSchedules({ clock, store, catalog }),
      webhooks: createWebhooks({ clock, store }),
      triggers: createTriggers({ clock, logger, store, secrets, engine }),
      closing: closing.signal,
      newAdminToken,
      newSignInToken: () => newSignInToken({ store }, clock.now()),
      signInLimits: createSignInLimits(),
      outgoing,
      close: () => {
        closed ??= close();
        return closed;
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}
