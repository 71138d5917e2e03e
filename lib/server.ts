import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BackendRegistry } from './backends/backend';
import { validateKubeconfig } from './backends/kubernetes/validate-kubeconfig';
import { type Clock, systemClock } from './clock';
import { type Config, loadProcessConfig } from './config';
import { createEngine } from './engine/create-engine';
import type { Engine } from './engine/engine';
import { createManagedProfiles, type ManagedProfiles } from './engine/managed-profiles';
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
import { newSignInToken } from './identity/first-start';
import { readStandings } from './identity/read-standings';
import { createSignInLimits, type SignInLimits } from './identity/sign-in-limits';
import type { AgentSummary } from './model/agent';
import type { LiveInventory } from './model/environment';
import type { BackendOption, LaunchSuite } from './model/launch';
import type { Logger } from './model/logger';
import type { OutgoingClient } from './outgoing/client';
import { checkLogin } from './registries/check-login';
import type { RegistryLogins } from './secrets/secrets';
import { startLoops } from './server-loops';
import { openPorts, type Ports } from './server-ports';
import { startEmbeddedPostgres } from './store/postgres/embedded';
import { succeedPredecessor } from './store/postgres/predecessor';
import type { Store } from './store/store';
import type { SnapshotFeed } from './streams/snapshot-feed';
import type { SuiteCatalog } from './suites/catalog/catalog';
import { createLogger } from './telemetry/logger';
import type { Metrics } from './telemetry/metrics';
import { createTriggers, type Triggers } from './triggers/triggers';
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
  /** For pages of whole logs, so that one caller's many readers leave this process to others in between. */
  historyShares: CallerShares;
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
    const closing = new AbortController();
    const url = config.databaseUrl ?? embedded?.url ?? '';
    const { ports, newAdminToken } = await openPorts({ clock, logger }, config, url, closing.signal);
    const server = await assembleServer(ports, closing, async () => embedded?.stop());
    return { ...server, newAdminToken };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** Starts the engine and what runs beside it, and gives them to those who answer requests. */
async function assembleServer(
  ports: Ports,
  closing: AbortController,
  stopDatabase: () => Promise<void>,
): Promise<Omit<Server, 'newAdminToken'>> {
  const { config, clock, logger, store, catalog, backends, metrics, owner } = ports;
  const { finder, secrets, seal, logins, tracing } = ports;
  const engine = createEngine({
    ...{ clock, logger, store, catalog, finder, backends, secrets, seal, logins, tracing, owner },
    limits: config,
  });
  await succeedPredecessor({ store, logger }, config.dataFolder, owner);
  engine.start();
  const services = createServices(ports, engine, closing.signal);
  const { sse, backendOptions } = services;
  const loops = startLoops(
    ports,
    engine,
    () => metrics.collect({ store, backendOptions, engine, sse }),
    closing.signal,
  );
  const close = async () => {
    closing.abort();
    await loops.beforeEngine;
    await engine.stop();
    await Promise.all([tracing.close(), loops.exported]);
    await loops.cleaned;
    await catalog.close();
    await store.close();
    await stopDatabase();
  };
  let closed: Promise<void> | undefined;
  return {
    ...{ config, clock, logger, store, catalog, backends, metrics, engine },
    ...{ logins, outgoing: ports.outgoing },
    ...services,
    closing: closing.signal,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Makes what routes and pages call. */
function createServices(ports: Ports, engine: Engine, closing: AbortSignal) {
  const { config, clock, logger, store, catalog, secrets, offlineAfterMs } = ports;
  const findCallers = (ids: readonly string[]) => readStandings(store, ids);
  const sse = createSseWriter({ clock, logger, findCallers }, closing);
  const jobMasks = createJobMasks({ store, secrets });
  return {
    sse,
    jobMasks,
    jobDispatcher: createJobDispatcher(
      { clock, store, secrets, masks: jobMasks, logger },
      { leaseMs: config.agentLeaseMs, heartbeatMs: config.agentHeartbeatMs, offlineAfterMs },
      closing,
    ),
    overviews: createOverviewFeeds({ clock, store, logger }, closing),
    environments: createInventoryFeed({ clock, logger }, engine.environments, closing),
    agents: createAgentsFeed({ clock, store, logger }, offlineAfterMs, closing),
    streams: createExecutionStreams({ clock, logger, store }),
    shares: createCallerShares(24, 500),
    searchShares: createCallerShares(2, 50),
    historyShares: createCallerShares(2, Number.POSITIVE_INFINITY),
    directRoutes: createDirectRoutes({ logger, sse }),
    trustProxies: createTrustProxies(config.trustedProxies),
    refuseMethod,
    settings: createServerSettings(ports),
    backendOptions: () => ports.backends.options(),
    launchSuites: () => engine.launchSuites(),
    suites: createSuiteDirectory({ catalog, finder: ports.finder, store }),
    profiles: createManagedProfiles({ clock, store, catalog }),
    schedules: createSchedules({ clock, store, catalog }),
    webhooks: createWebhooks({ clock, store }),
    triggers: createTriggers({ clock, logger, store, secrets, engine }),
    newSignInToken: () => newSignInToken({ store }, clock.now()),
    signInLimits: createSignInLimits(),
  };
}

function createServerSettings({ config, store, logins, outgoing }: Ports): SettingsService {
  const { allowsPrivateAddresses, insecureRegistries: insecure } = config;
  const addresses = allowsPrivateAddresses ? 'any' : 'remote';
  return createSettingsService(
    {
      settings: store.settings,
      logins,
      checkLogin: (login) => checkLogin({ outgoing, insecure, addresses }, login),
    },
    (text) => validateKubeconfig(text, allowsPrivateAddresses),
  );
}
