import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { BackendRegistry } from './backends/backend';
import { createDockerBackend } from './backends/docker/docker-backend';
import { createKubernetesBackend } from './backends/kubernetes/kubernetes-backend';
import { vetKubeconfig } from './backends/kubernetes/vet-kubeconfig';
import { createProcessBackend } from './backends/process/process-backend';
import { createBackendRegistry } from './backends/registry';
import { keepJobs } from './backends/remote/keep-jobs';
import { createRemoteBackend } from './backends/remote/remote-backend';
import { type Clock, systemClock } from './clock';
import { type Config, loadProcessConfig } from './config';
import { createFinder } from './dependencies/create-finder';
import { keepCachePruned } from './dependencies/prune-cache';
import { dockerCredentials } from './dependencies/registry-credentials';
import { createEngine } from './engine/create-engine';
import type { Engine } from './engine/engine';
import { createLedgers } from './engine/environments/ledger';
import { createManagedProfiles, type ManagedProfiles } from './engine/managed-profiles';
import { createSuiteDirectory, type SuiteDirectory } from './engine/suite-directory';
import { createAgentsFeed } from './http/agents/agents-feed';
import { type ClaimDesk, createClaimDesk } from './http/agents/claim-desk';
import { createJobMasks, type JobMasks } from './http/agents/job-masks';
import { createExecutionStreams, type ExecutionStreams } from './http/execution-streams';
import { createFrontDoor, type FrontDoor } from './http/front-door';
import { createSettingsDesk, type SettingsDesk } from './http/platform-settings';
import { refuseMethod } from './http/refuse-method';
import { createRoute, type Route } from './http/route';
import { createSseDesk, type SseDesk } from './http/sse-desk';
import { newSignInToken, prepareAccess } from './identity/first-start';
import { newPackageToken } from './identity/package-token';
import type { AgentSummary } from './model/agent';
import type { LiveInventory } from './model/environment';
import { messageOf } from './model/errors';
import type { BackendOption, LaunchSuite, Overview } from './model/launch';
import type { Logger } from './model/logger';
import { createEnvSource } from './secrets/env-source';
import { createFileSource } from './secrets/file-source';
import { openSecrets } from './secrets/open-secrets';
import { createVaultSource } from './secrets/vault-source';
import type { OpenRingCarrier } from './store/doorbell';
import { startEmbeddedPostgres } from './store/postgres/embedded';
import { succeedLastOwner } from './store/postgres/last-owner';
import { openPostgresStore } from './store/postgres/postgres-store';
import { readInstallation, rememberInstallation } from './store/postgres/remembered-installation';
import { openRedisCarrier } from './store/redis/ring-carrier';
import type { Store } from './store/store';
import { createSnapshotFeed, type SnapshotFeed } from './streams/snapshot-feed';
import type { SuiteCatalog } from './suites/catalog';
import { openFolderCatalog } from './suites/folder-catalog';
import { createLogger } from './telemetry/logger';
import { createMetrics, type Metrics } from './telemetry/metrics';

export interface Server {
  config: Config;
  clock: Clock;
  logger: Logger;
  store: Store;
  catalog: SuiteCatalog;
  backends: BackendRegistry;
  /** What the operator sets over the API. */
  settings: SettingsDesk;
  engine: Engine;
  overview: SnapshotFeed<Overview>;
  environments: SnapshotFeed<LiveInventory>;
  agents: SnapshotFeed<AgentSummary[]>;
  streams: ExecutionStreams;
  /** Hands streams to the launcher. */
  sse: SseDesk;
  /** Where agents wait for work. */
  claimDesk: ClaimDesk;
  /** For what agents say. */
  jobMasks: JobMasks;
  frontDoor: FrontDoor;
  metrics: Metrics;
  refuseMethod: typeof refuseMethod;
  backendOptions(): Promise<BackendOption[]>;
  launchSuites(): Promise<LaunchSuite[]>;
  suites: SuiteDirectory;
  profiles: ManagedProfiles;
  /** Ends every stream and long poll. */
  closing: AbortSignal;
  /** An admin token that was made at this start, to be printed once. */
  newAdminToken: string | null;
  newSignInToken(): Promise<string>;
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

/** For a route that is asked for very often, at these paths: see FrontDoor. */
export function oftenAsked(patterns: readonly string[], handler: Route): Route {
  const respond = async (...call: Parameters<Route>) => {
    const { frontDoor } = await getServer();
    for (const pattern of patterns) frontDoor.open(pattern, handler.answer);
    return handler(...call);
  };
  const { options, answer } = handler;
  return Object.assign(respond, { options, answer });
}

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
    const store = metrics.count(
      await openPostgresStore(
        { clock, logger },
        config.databaseUrl ?? embedded?.url ?? '',
        redisCarrier({ clock, logger }, config.redisUrl),
        await readInstallation(config.dataFolder),
      ),
    );
    await rememberInstallation({ logger }, config.dataFolder, store.installation.id);
    const { newAdminToken } = await prepareAccess({ store, logger }, config);
    const catalog = await openFolderCatalog({ clock, logger }, config.suiteRoots);
    const openPackage = (digest: string) => store.packages.open(digest);
    const issuePackageToken = (digest: string, expiresAt: string) =>
      newPackageToken({ store }, digest, expiresAt);
    const installation = store.installation.id;
    const closing = new AbortController();
    const ledgerOf = createLedgers({ clock, logger, store }, closing.signal);
    const backends = createBackendRegistry(
      { clock, settings: store.settings, hasAgents: () => store.agents.any(), kubernetes: config.kubernetes },
      {
        local: ({ id }) =>
          createDockerBackend(
            { clock, logger, openPackage, ledger: ledgerOf(id) },
            {
              id,
              installation,
              subnets: config.subnets ?? undefined,
              watchdogSocket: config.watchdogSocket,
            },
          ),
        process: ({ id }) =>
          createProcessBackend(
            { clock, logger, openPackage, ledger: ledgerOf(id) },
            { id, installation, folder: path.join(config.dataFolder, 'process') },
          ),
        kubernetes: ({ id, kubernetes }) =>
          createKubernetesBackend(
            { clock, logger, openPackage, ledger: ledgerOf(id), issuePackageToken },
            {
              id,
              installation,
              settings: kubernetes ?? config.kubernetes,
              isVetted: kubernetes !== config.kubernetes && !config.allowsPrivateAddresses,
            },
          ),
        'remote-agent': ({ id }) => createRemoteBackend({ clock, logger, ...store }, { id, offlineAfterMs }),
      },
      config.processBackend,
    );
    const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const cacheFolder = path.join(config.dataFolder, 'dependencies');
    const finder = createFinder({
      catalog,
      git: { clock, environment: config.environment, limitMs: config.fetchLimitMs },
      registry: {
        clock,
        limitMs: config.fetchLimitMs,
        credentials: dockerCredentials(config.environment),
        insecure: config.insecureRegistries,
      },
      cacheFolder,
    });
    const secrets = openSecrets({
      env: createEnvSource(config.environment),
      file: createFileSource(config.secretFolders),
      vault: createVaultSource({ clock }, config.vault && { ...config.vault, limitMs: 5_000 }),
    });
    const jobMasks = createJobMasks({ store, secrets });
    const engine = createEngine({
      clock,
      store,
      catalog,
      finder,
      backends,
      secrets,
      limits: config,
      logger,
      owner,
    });
    await succeedLastOwner({ store, logger }, config.dataFolder, owner);
    engine.start();
    const kept = keepJobs(
      { clock, logger, jobs: store.jobs },
      { maxDeliveries: 3, offlineAfterMs },
      closing.signal,
    );
    const pruned = keepCachePruned({ clock, logger }, cacheFolder, cacheLimits, closing.signal);
    const overview = createSnapshotFeed<Overview>({
      clock,
      listen: (signal) => store.doorbell.listen('overview', signal),
      read: async () => ({ executions: await store.executions.overview(100), at: clock.now().toISOString() }),
      intervalMs: 200,
      signal: closing.signal,
      onError: (error) =>
        logger.warn({ error: messageOf(error) }, 'the overview could not be read and is tried again'),
    });
    const environments = createSnapshotFeed<LiveInventory>({
      clock,
      listen: engine.environments.listen,
      read: engine.environments.read,
      intervalMs: 500,
      signal: closing.signal,
      onError: (error) =>
        logger.warn({ error: messageOf(error) }, 'the environments could not be read and are tried again'),
    });
    let closed: Promise<void> | undefined;
    const close = async () => {
      closing.abort();
      await engine.stop();
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
      settings: createSettingsDesk(store, (text) => vetKubeconfig(text, config.allowsPrivateAddresses)),
      engine,
      overview,
      environments,
      agents: createAgentsFeed({ clock, store, logger }, offlineAfterMs, closing.signal),
      streams: createExecutionStreams({ clock, store }),
      sse: createSseDesk({ clock, logger }, closing.signal),
      claimDesk: createClaimDesk(
        { clock, store, secrets, masks: jobMasks, logger },
        { leaseMs: config.agentLeaseMs, heartbeatMs: config.agentHeartbeatMs, offlineAfterMs },
        closing.signal,
      ),
      jobMasks,
      frontDoor: createFrontDoor({ logger }),
      metrics,
      refuseMethod,
      backendOptions: () => backends.options(),
      launchSuites: () => engine.launchSuites(),
      suites: createSuiteDirectory({ catalog, finder, store }),
      profiles: createManagedProfiles({ clock, store, catalog }),
      closing: closing.signal,
      newAdminToken,
      newSignInToken: () => newSignInToken({ store }, clock.now()),
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

/** Installations may share a Redis: each has a channel of its own. */
function redisCarrier(
  deps: { clock: Clock; logger: Logger },
  url: string | null,
): ((installation: string) => OpenRingCarrier) | null {
  if (!url) return null;
  return (installation) => (ears) =>
    openRedisCarrier(deps, { url, channel: `gantry:${installation}`, ...ears });
}
