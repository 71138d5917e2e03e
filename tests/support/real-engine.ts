import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDockerBackend } from '@/lib/backends/docker/docker-backend';
import { createKubernetesBackend } from '@/lib/backends/kubernetes/kubernetes-backend';
import { createProcessBackend } from '@/lib/backends/process/process-backend';
import { createBackendRegistry } from '@/lib/backends/registry';
import { systemClock } from '@/lib/clock';
import { createFinder } from '@/lib/dependencies/create-finder';
import { createEngine } from '@/lib/engine/create-engine';
import type { Engine } from '@/lib/engine/engine';
import { createLedgers } from '@/lib/engine/environments/ledger';
import type { Execution } from '@/lib/model/execution';
import type { KubernetesSettings } from '@/lib/model/kubernetes-settings';
import type { LaunchRequest } from '@/lib/model/launch';
import { isFinalExecution } from '@/lib/model/status';
import { createEnvSource } from '@/lib/secrets/env-source';
import { createFileSource } from '@/lib/secrets/file-source';
import { createLaunchSource } from '@/lib/secrets/launch-source';
import { openSecrets } from '@/lib/secrets/open-secrets';
import { createRegistryLogins } from '@/lib/secrets/registry-logins';
import { createSeal } from '@/lib/secrets/seal';
import { openPostgresStore } from '@/lib/store/postgres/postgres-store';
import type { Store } from '@/lib/store/store';
import { openFolderCatalog } from '@/lib/suites/catalog/folder-catalog';
import { noTraces, type Traces } from '@/lib/telemetry/traces/traces';
import { plainClient } from '@/tests/support/plain-client';
import { silentLogger } from './silent-logger';

export interface RealEngine {
  store: Store;
  engine: Engine;
  databaseUrl: string;
  /** Launches a suite and resolves when its execution has ended. */
  run(request: LaunchRequest): Promise<Execution>;
  ended(id: string): Promise<Execution>;
  close(): Promise<void>;
}

const clock = systemClock;
const logger = silentLogger;

/** Everything as `lib/server.ts` puts it together, on a database of its own and over the example suites. */
export async function startRealEngine({
  suiteRoots = [fileURLToPath(new URL('../../suites', import.meta.url))],
  env = process.env,
  kubernetes = null,
  place = null,
  traces = noTraces,
  prepareAhead = 0,
}: {
  suiteRoots?: string[];
  /** Where `env:` finds secrets. */
  env?: Record<string, string | undefined>;
  /** The cluster, when there is to be one. */
  kubernetes?: KubernetesSettings | null;
  /** A database and a folder that are there already, and stay; without it both are its own. */
  place?: { databaseUrl: string; folder: string } | null;
  traces?: Traces;
  /** As GANTRY_PREPARE_AHEAD. */
  prepareAhead?: number;
} = {}): Promise<RealEngine> {
  const {
    store: plainStore,
    url: databaseUrl,
    close: closeStore,
  } = place
    ? await openStoreAt(place.databaseUrl)
    : // What runs outside of a test run cannot load it.
      await (await import('./database')).openTestStore();
  const store = traces.instrument(plainStore);
  const folder = place?.folder ?? (await mkdtemp(path.join(tmpdir(), 'gantry-test-')));
  const catalog = await openFolderCatalog({ clock, logger }, suiteRoots);
  const openPackage = (digest: string) => store.packages.open(digest);
  const installation = store.installation.id;
  const closing = new AbortController();
  const ledgerOf = createLedgers({ clock, logger, store }, closing.signal);
  const backends = createBackendRegistry(
    { clock, settings: store.settings, kubernetes },
    {
      local: ({ id, hardening = 'standard' }) =>
        createDockerBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id) },
          { id, installation, hardening },
        ),
      kubernetes: ({ id, kubernetes: settings }) =>
        createKubernetesBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id) },
          { id, installation, settings: settings ?? null },
        ),
      process: ({ id }) =>
        createProcessBackend(
          { clock, logger, openPackage, ledger: ledgerOf(id) },
          { id, installation, folder },
        ),
    },
    'on',
  );
  const limits = {
    maxExecutions: 4,
    maxSteps: 4,
    prepareAhead,
    maxLogBytesPerStep: 256 * 1024 * 1024,
    maxArtifactBytes: 10 * 1024 * 1024,
    maxReportBytes: 10 * 1024 * 1024,
    leaseMs: place ? 3_000 : 15_000,
    retention: { days: null, outputDays: null, count: null, auditDays: null, caseDays: null },
  };
  const owner = `test-${randomBytes(4).toString('hex')}`;
  const finder = createFinder({
    catalog,
    git: { clock, environment: process.env, limitMs: 20_000 },
    registry: { outgoing: plainClient, limitMs: 20_000, credentials: async () => null, insecure: [] },
    cacheFolder: path.join(folder, 'dependencies'),
  });
  const seal = createSeal('the key of these tests');
  const secrets = openSecrets({
    env: createEnvSource(env),
    file: createFileSource(null, []),
    launch: createLaunchSource(seal, store.executions.launchSecret),
  });
  const engine = createEngine({
    clock,
    store,
    catalog,
    finder,
    backends,
    secrets,
    seal,
    logins: createRegistryLogins(store.settings, seal),
    tracing: traces,
    limits,
    logger,
    owner,
  });
  engine.start();
  return {
    store,
    engine,
    databaseUrl,
    async run(request) {
      const { summary } = await engine.launch(request, 'test', null);
      return untilFinal(store, summary.id);
    },
    ended: (id) => untilFinal(store, id),
    async close() {
      closing.abort();
      await engine.stop();
      await catalog.close();
      await closeStore();
      if (!place) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openStoreAt(url: string) {
  const store = await openPostgresStore({ clock, logger }, url);
  return { store, url, close: () => store.close() };
}

async function untilFinal(store: Store, id: string): Promise<Execution> {
  const listening = new AbortController();
  const bell = store.notifier.subscribe(store.events.topic(id), listening.signal);
  try {
    for (;;) {
      const execution = await store.executions.get(id);
      if (execution && isFinalExecution(execution.status)) return execution;
      await bell.next();
    }
  } finally {
    listening.abort();
  }
}
