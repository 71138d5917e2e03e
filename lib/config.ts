import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type KubernetesSettings, kubernetesSettings } from './model/kubernetes-settings';
import type { RetentionRules } from './model/retention';

const flag = z.enum(['0', '1']).transform((value) => value === '1');
const whole = z
  .string()
  .regex(/^\d{1,12}$/, 'a whole number')
  .transform(Number);
const port = whole.refine((value) => value <= 65_535, 'a port from 0 to 65535');

/** Every setting, as the README's table lists it. Empty counts as not set. */
const environment = z.object({
  PORT: port.default(3000),
  GANTRY_HOST: z.string().default('127.0.0.1'),
  GANTRY_DATA: z.string().default('.gantry'),
  GANTRY_SUITES: z.string().default('suites'),
  GANTRY_BOOTSTRAP_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  GANTRY_PROCESS_BACKEND: z.enum(['0', '1', 'auto']).optional(),
  GANTRY_WATCHDOG_SOCKET: z.string().startsWith('/', 'an absolute path').optional(),
  GANTRY_SUBNETS: z
    .string()
    .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'an IPv4 range such as 10.213.0.0/16')
    .optional(),
  GANTRY_ALLOW_PRIVATE_ADDRESSES: flag.default(false),
  GANTRY_KUBECONFIG: z.string().optional(),
  GANTRY_KUBERNETES: z
    .string()
    .transform((text, context) => {
      try {
        return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: 'custom', message: 'a JSON object, as docs/kubernetes.md describes it' });
        return z.NEVER;
      }
    })
    .optional(),
  GANTRY_MAX_EXECUTIONS: whole.default(20),
  GANTRY_MAX_STEPS: whole.default(8),
  GANTRY_MAX_LOG_MB: whole.default(256),
  GANTRY_MAX_ARTIFACT_MB: whole.default(100),
  GANTRY_LEASE_SECONDS: whole.default(8),
  GANTRY_AGENT_LEASE_SECONDS: whole.refine((value) => value >= 1, 'at least 1').default(60),
  GANTRY_KEEP_DAYS: whole.default(90),
  GANTRY_KEEP_OUTPUT_DAYS: whole.default(30),
  GANTRY_KEEP_EXECUTIONS: whole.default(0),
  GANTRY_KEEP_AUDIT_DAYS: whole.default(365),
  GANTRY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  GANTRY_SECURE_COOKIES: flag.default(false),
  GANTRY_SECRET_FOLDERS: z.string().optional(),
  VAULT_ADDR: z.url({ protocol: /^https?$/, error: 'a URL such as https://vault.example:8200' }).optional(),
  VAULT_TOKEN: z.string().optional(),
  VAULT_TOKEN_FILE: z.string().optional(),
  VAULT_NAMESPACE: z.string().optional(),
  GANTRY_FETCH_SECONDS: whole.default(60),
  GANTRY_INSECURE_REGISTRIES: z.string().default(''),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'a URL such as postgres://user:password@host:5432/name' })
    .optional(),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'a URL such as redis://user:password@host:6379' })
    .optional(),
  NODE_ENV: z.string().default('production'),
});

export interface Config {
  port: number;
  host: string;
  /** Absolute. */
  dataFolder: string;
  /** Absolute. */
  suiteRoots: string[];
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
  maxLogBytesPerStep: number;
  maxArtifactBytes: number;
  leaseMs: number;
  retention: RetentionRules;
  /** How long a step of an agent goes on unheard before it is given to another one. */
  agentLeaseMs: number;
  agentHeartbeatMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  secureCookies: boolean;
  /** For a nested suite that is elsewhere. */
  fetchLimitMs: number;
  /** Hosts of registries without TLS. */
  insecureRegistries: string[];
  /** Absolute; null: files of secrets may be anywhere. */
  secretFolders: string[] | null;
  vault: { address: string; token: string | null; tokenFile: string | null; namespace: string | null } | null;
  /** All variables of this process, for secrets that a profile takes from there. Never logged. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** The settings of this process. */
export function loadProcessConfig(): Config {
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
      const shown = /TOKEN|DATABASE_URL|REDIS_URL/.test(name) ? '' : `, found ${JSON.stringify(given[name])}`;
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
    maxLogBytesPerStep: settings.GANTRY_MAX_LOG_MB * 1024 * 1024,
    maxArtifactBytes: settings.GANTRY_MAX_ARTIFACT_MB * 1024 * 1024,
    leaseMs: settings.GANTRY_LEASE_SECONDS * 1000,
    // 0 keeps everything.
    retention: {
      days: settings.GANTRY_KEEP_DAYS || null,
      outputDays: settings.GANTRY_KEEP_OUTPUT_DAYS || null,
      count: settings.GANTRY_KEEP_EXECUTIONS || null,
      auditDays: settings.GANTRY_KEEP_AUDIT_DAYS || null,
    },
    agentLeaseMs: settings.GANTRY_AGENT_LEASE_SECONDS * 1000,
    // Offline is who missed three: half a lease.
    agentHeartbeatMs: Math.round((settings.GANTRY_AGENT_LEASE_SECONDS * 1000) / 6),
    logLevel: settings.GANTRY_LOG_LEVEL,
    secureCookies: settings.GANTRY_SECURE_COOKIES,
    secretFolders: settings.GANTRY_SECRET_FOLDERS ? foldersOf(settings.GANTRY_SECRET_FOLDERS) : null,
    insecureRegistries: settings.GANTRY_INSECURE_REGISTRIES.split(',').filter((host) => host !== ''),
    fetchLimitMs: settings.GANTRY_FETCH_SECONDS * 1000,
    vault: settings.VAULT_ADDR
      ? {
          address: settings.VAULT_ADDR,
          token: settings.VAULT_TOKEN ?? null,
          tokenFile: settings.VAULT_TOKEN_FILE ?? null,
          namespace: settings.VAULT_NAMESPACE ?? null,
        }
      : null,
    environment: env,
  };
}

function processBackend(given: '0' | '1' | 'auto' | undefined, nodeEnv: string): Config['processBackend'] {
  if (given === '1') return 'on';
  if (given === '0') return 'off';
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
