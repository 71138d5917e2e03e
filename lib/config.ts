import { homedir } from 'node:os';
import path from 'node:path';
import { type KubernetesSettings, kubernetesSettings } from './model/kubernetes-settings';
import type { OpenIdProvider } from './model/openid-provider';
import { type OutgoingSettings, outgoingOf } from './model/outgoing-settings';
import type { RetentionRules } from './model/retention';
import { type MetricsExport, readMetricsExport, readTracing, type TracingSettings } from './model/telemetry';
import { ownFiles } from './own-files';
import { environment, splitList } from './settings';

export interface Config {
  port: number;
  host: string;
  /** Absolute. */
  dataFolder: string;
  /** Absolute. */
  suiteRoots: string[];
  suiteSchedules: boolean;
  bootstrapToken: string | null;
  processBackend: 'on' | 'off' | 'auto';
  subnets: string | null;
  /** Where Docker's socket stands on the daemon's machine, for watchdogs; null: there are none. */
  watchdogSocket: string | null;
  /** What comes over the API may lead to this machine itself. */
  allowsPrivateAddresses: boolean;
  /** The cluster that the environment names; null: none. */
  kubernetes: KubernetesSettings | null;
  databaseUrl: string | null;
  redisUrl: string | null;
  maxExecutions: number;
  maxSteps: number;
  /** Steps of one execution that are made ready before they may run. */
  prepareAhead: number;
  maxLogBytesPerStep: number;
  maxArtifactBytes: number;
  maxReportBytes: number;
  leaseMs: number;
  retention: RetentionRules;
  /** How long a step of an agent goes on unheard before it is given to another one. */
  agentLeaseMs: number;
  agentHeartbeatMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  secureCookies: boolean;
  /** How long a session lasts: at the most, and without a request. */
  sessionMs: number;
  sessionIdleMs: number;
  /** How long after its person has shown who they are a session may do what is dangerous. */
  reauthenticationMs: number;
  /** Identity providers that people may sign in with. */
  openIdProviders: OpenIdProvider[];
  /** Where browsers reach Gantry; null: where their requests say. */
  publicUrl: string | null;
  /** Addresses and ranges whose `x-forwarded-…` headers count. */
  trustedProxies: string[];
  outgoing: OutgoingSettings;
  /** For a nested suite that is elsewhere. */
  fetchLimitMs: number;
  /** Hosts of registries without TLS. */
  insecureRegistries: string[];
  /** Encrypts the secrets that launches bring; null: the data folder has a key. Never logged. */
  secretKey: string | null;
  /** Absolute; null: files of secrets may be anywhere. */
  secretFolders: string[] | null;
  /** Absolute: files with credentials of Gantry itself, and folders of them, which no profile may name as secrets. */
  ownFiles: string[];
  vault: { address: string; token: string | null; tokenFile: string | null; namespace: string | null } | null;
  /** Where traces of executions go; null: nowhere. */
  tracing: TracingSettings | null;
  /** Where metrics are sent; null: nowhere, they are only there to be fetched. */
  metricsExport: MetricsExport | null;
  /** All variables of this process, for secrets that a profile takes from there. Never logged. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** The settings of this process. */
export function loadProcessConfig(): Config {
  // next-auth reads its origin itself; without this it would take Gantry to be at localhost:3000.
  process.env.AUTH_TRUST_HOST ??= '1';
  return loadConfig(process.env, process.cwd());
}

/** Throws an Error that names every setting that is wrong. */
export function loadConfig(env: Record<string, string | undefined>, workingFolder: string): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      const shown = /TOKEN|OIDC|PROXY|DATABASE_URL|REDIS_URL/.test(name)
        ? ''
        : `, found ${JSON.stringify(given[name])}`;
      return `  ${name}: expected ${issue.message}${shown}`;
    });
    throw new Error(`Gantry cannot start with these settings:\n${lines.join('\n')}`);
  }
  const settings = parsed.data;
  const foldersOf = (list: string) =>
    list.split(path.delimiter).map((folder) => path.resolve(workingFolder, folder));
  return {
    port: settings.PORT,
    host: settings.GANTRY_HOST,
    dataFolder: path.resolve(workingFolder, settings.GANTRY_DATA),
    suiteRoots: foldersOf(settings.GANTRY_SUITES),
    suiteSchedules: settings.GANTRY_SUITE_SCHEDULES,
    bootstrapToken: settings.GANTRY_BOOTSTRAP_TOKEN ?? null,
    processBackend: processBackend(settings.GANTRY_PROCESS_BACKEND, settings.NODE_ENV),
    subnets: settings.GANTRY_SUBNETS ?? null,
    watchdogSocket: settings.GANTRY_WATCHDOG_SOCKET ?? null,
    allowsPrivateAddresses: settings.GANTRY_ALLOW_PRIVATE_ADDRESSES,
    kubernetes: kubernetes(settings.GANTRY_KUBECONFIG, settings.GANTRY_KUBERNETES, workingFolder),
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    maxExecutions: settings.GANTRY_MAX_EXECUTIONS,
    maxSteps: settings.GANTRY_MAX_STEPS,
    prepareAhead: settings.GANTRY_PREPARE_AHEAD,
    maxLogBytesPerStep: settings.GANTRY_MAX_LOG_MB * 1024 * 1024,
    maxArtifactBytes: settings.GANTRY_MAX_ARTIFACT_MB * 1024 * 1024,
    maxReportBytes: settings.GANTRY_MAX_REPORT_MB * 1024 * 1024,
    leaseMs: settings.GANTRY_LEASE_SECONDS * 1000,
    // 0 keeps everything.
    retention: {
      days: settings.GANTRY_KEEP_DAYS || null,
      outputDays: settings.GANTRY_KEEP_OUTPUT_DAYS || null,
      count: settings.GANTRY_KEEP_EXECUTIONS || null,
      auditDays: settings.GANTRY_KEEP_AUDIT_DAYS || null,
      caseDays: settings.GANTRY_KEEP_CASE_DAYS || null,
    },
    agentLeaseMs: settings.GANTRY_AGENT_LEASE_SECONDS * 1000,
    // Offline is who missed three: half a lease.
    agentHeartbeatMs: Math.round((settings.GANTRY_AGENT_LEASE_SECONDS * 1000) / 6),
    logLevel: settings.GANTRY_LOG_LEVEL,
    secureCookies: settings.GANTRY_SECURE_COOKIES,
    sessionMs: settings.GANTRY_SESSION_DAYS * 24 * 60 * 60 * 1000,
    sessionIdleMs: settings.GANTRY_SESSION_IDLE_HOURS * 60 * 60 * 1000,
    reauthenticationMs: settings.GANTRY_REAUTHENTICATION_MINUTES * 60 * 1000,
    openIdProviders: settings.GANTRY_OIDC ?? [],
    publicUrl: settings.NEXTAUTH_URL ?? null,
    trustedProxies: settings.GANTRY_TRUSTED_PROXIES,
    secretFolders: settings.GANTRY_SECRET_FOLDERS ? foldersOf(settings.GANTRY_SECRET_FOLDERS) : null,
    secretKey: settings.GANTRY_SECRET_KEY ?? null,
    ownFiles: ownFiles(settings, env, workingFolder),
    insecureRegistries: splitList(settings.GANTRY_INSECURE_REGISTRIES),
    outgoing: outgoingOf(settings),
    fetchLimitMs: settings.GANTRY_FETCH_SECONDS * 1000,
    vault: settings.VAULT_ADDR
      ? {
          address: settings.VAULT_ADDR,
          token: settings.VAULT_TOKEN ?? null,
          tokenFile: settings.VAULT_TOKEN_FILE ?? null,
          namespace: settings.VAULT_NAMESPACE ?? null,
        }
      : null,
    tracing: readTracing(settings),
    metricsExport: readMetricsExport(settings),
    environment: env,
  };
}

function processBackend(given: '0' | '1' | 'auto' | undefined, nodeEnv: string): Config['processBackend'] {
  if (given === '0' || given === '1') return given === '1' ? 'on' : 'off';
  return given === 'auto' || nodeEnv === 'development' ? 'auto' : 'off';
}

function kubernetes(
  kubeconfig: string | undefined,
  given: Record<string, unknown> | undefined,
  workingFolder: string,
): KubernetesSettings | null {
  if (kubeconfig === undefined && given === undefined) return null;
  const source =
    kubeconfig === undefined || kubeconfig === 'in-cluster'
      ? { from: 'cluster' }
      : { from: 'file', path: path.resolve(workingFolder, kubeconfig.replace(/^~(?=\/)/, homedir())) };
  const parsed = kubernetesSettings.safeParse({ kubeconfig: source, ...given });
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `  GANTRY_KUBERNETES: ${issue.path.join('.')}: ${issue.message}`,
  );
  throw new Error(`Gantry cannot start with these settings:\n${lines.join('\n')}`);
}
