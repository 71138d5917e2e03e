import { isIP } from 'node:net';
import { z } from 'zod';
import { parseProviders } from './model/openid-provider';
import { outgoingVariables } from './model/outgoing-settings';
import { telemetryEnvironment } from './model/telemetry';

const flag = z.enum(['0', '1']).transform((value) => value === '1');
const whole = z
  .string()
  .regex(/^\d{1,12}$/, 'a whole number')
  .transform(Number);
const port = whole.refine((value) => value <= 65_535, 'a port from 0 to 65535');

/** The entries of a list with commas. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** An address, or a range such as `10.0.0.0/8`. */
function isProxyRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

function isPeriod(most: number): (value: number) => boolean {
  return (value) => value >= 1 && value <= most;
}

/** `whenAbsent` says what counts without the setting, where its schema has no default that a person would write. */
function describe<S extends z.ZodType>(schema: S, description: string, whenAbsent?: string): S {
  return schema.meta({ description, ...(whenAbsent === undefined ? {} : { whenAbsent }) });
}

/** Every setting, by the section of docs/settings.md that lists it. */
export const settingSections = {
  Server: {
    PORT: describe(port.default(3000), 'HTTP port; `0` picks a free one.'),
    GANTRY_HOST: describe(
      z.string().default('127.0.0.1'),
      'Address to listen on. Put TLS in front of it before you open it to a network.',
    ),
    GANTRY_TRUSTED_PROXIES: describe(
      z
        .string()
        .default('')
        .transform(splitList)
        .refine(
          (proxies) => proxies.every(isProxyRange),
          'addresses or ranges such as 10.0.0.0/8, with commas',
        ),
      'Comma-separated addresses or ranges of trusted proxies. Only their `x-forwarded-for`, `-host` and `-proto` headers count.',
    ),
    GANTRY_LOG_LEVEL: describe(
      z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      '`debug`, `info`, `warn` or `error`.',
    ),
  },
  Data: {
    GANTRY_DATA: describe(
      z.string().default('.gantry'),
      'Data folder: embedded database, admin token, scratch folders.',
    ),
    DATABASE_URL: describe(
      z
        .url({
          protocol: /^postgres(ql)?$/,
          error: 'a URL such as postgres://user:password@host:5432/name',
        })
        .optional(),
      'PostgreSQL 14 or newer, `postgres://…`. Without it Gantry runs its own PostgreSQL in the data folder.',
      'embedded',
    ),
    REDIS_URL: describe(
      z.url({ protocol: /^rediss?$/, error: 'a URL such as redis://user:password@host:6379' }).optional(),
      'Redis, `redis://…`, for wake-ups between control planes. Without Redis PostgreSQL carries them.',
    ),
    GANTRY_LEASE_SECONDS: describe(
      whole.default(8),
      'How long a control plane may be silent before another one adopts its executions.',
    ),
    GANTRY_KEEP_DAYS: describe(whole.default(90), 'Days to keep finished executions. `0`: no limit.'),
    GANTRY_KEEP_OUTPUT_DAYS: describe(
      whole.default(30),
      'Days to keep their logs and artifacts. `0`: as long as the execution.',
    ),
    GANTRY_KEEP_EXECUTIONS: describe(
      whole.default(0),
      'Maximum number of finished executions. `0`: no limit.',
    ),
    GANTRY_KEEP_AUDIT_DAYS: describe(whole.default(365), 'Days to keep audit log entries. `0`: no limit.'),
    GANTRY_KEEP_CASE_DAYS: describe(
      whole.default(180),
      'Days to keep results of test cases, whether or not their executions are kept. `0`: no limit.',
    ),
  },
  'Suites and secrets': {
    GANTRY_SUITES: describe(z.string().default('suites'), 'Suite roots, separated as in `PATH`.'),
    GANTRY_SUITE_SCHEDULES: describe(
      flag.default(true),
      '`0` neither declares nor launches the schedules in the files of suites: [schedules.md](schedules.md).',
      '`1`',
    ),
    GANTRY_FETCH_SECONDS: describe(
      whole.default(60),
      'Time limit for fetching a nested suite from Git or a registry.',
    ),
    GANTRY_INSECURE_REGISTRIES: describe(
      z.string().default(''),
      'OCI registries without TLS, `host:port`, separated by commas.',
    ),
    GANTRY_SECRET_KEY: describe(
      z.string().min(16, 'a text of 16 characters or more').optional(),
      'Encrypts the secrets that launches bring, 16 characters or more. The same for all control planes of a database.',
      'made in the data folder',
    ),
    GANTRY_SECRET_FOLDERS: describe(
      z.string().optional(),
      'Folders, separated as in `PATH`, below which profiles may name secret files.',
      'anywhere',
    ),
    VAULT_ADDR: describe(
      z.url({ protocol: /^https?$/, error: 'a URL such as https://vault.example:8200' }).optional(),
      'HashiCorp Vault to read secrets from.',
    ),
    VAULT_TOKEN: describe(z.string().optional(), "Vault's token."),
    VAULT_TOKEN_FILE: describe(
      z.string().optional(),
      "A file with Vault's token, read for each secret: an agent of Vault may renew it.",
    ),
    VAULT_NAMESPACE: describe(z.string().optional(), "Vault's namespace, which its enterprise edition has."),
  },
  Backends: {
    GANTRY_PROCESS_BACKEND: describe(
      z.enum(['0', '1', 'auto']).optional(),
      '`1` offers the process backend (no isolation), `auto` only while no other backend is available.',
      '`0`',
    ),
    GANTRY_SUBNETS: describe(
      z
        .string()
        .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'an IPv4 range such as 10.213.0.0/16')
        .optional(),
      'Address range from which each execution gets its own small Docker network.',
      '`10.213.0.0/16`',
    ),
    GANTRY_WATCHDOG_SOCKET: describe(
      z.string().startsWith('/', 'an absolute path').optional(),
      '`/var/run/docker.sock`: a watchdog beside every execution on Docker: [environments.md](environments.md).',
    ),
    GANTRY_KUBECONFIG: describe(
      z.string().optional(),
      'A kubeconfig, or `in-cluster`. Offers the backend `kubernetes`.',
    ),
    GANTRY_KUBERNETES: describe(
      z
        .string()
        .transform((text, context) => {
          try {
            return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
          } catch {
            context.addIssue({
              code: 'custom',
              message: 'a JSON object, as docs/kubernetes.md describes it',
            });
            return z.NEVER;
          }
        })
        .optional(),
      'Kubernetes options as JSON: [kubernetes.md](kubernetes.md).',
      '`{}`',
    ),
    GANTRY_AGENT_LEASE_SECONDS: describe(
      whole.refine((value) => value >= 1, 'at least 1').default(60),
      'How long a remote agent may be silent before its step is reassigned.',
    ),
  },
  Limits: {
    GANTRY_MAX_EXECUTIONS: describe(whole.default(20), 'Maximum number of concurrent executions.'),
    GANTRY_MAX_STEPS: describe(
      whole.default(8),
      'Maximum number of concurrent steps per backend without its own capacity. Ready services do not count.',
    ),
    GANTRY_PREPARE_AHEAD: describe(
      whole.default(0),
      'Steps of an execution on `local` whose containers are made, and where possible started, before they may run ([performance.md](performance.md)). `0`: none. Set it once every control plane of the database has this version, and restart them all to turn it off.',
    ),
    GANTRY_MAX_LOG_MB: describe(
      whole.default(256),
      'Output kept per step. Anything beyond it is dropped; the log reports how many lines.',
    ),
    GANTRY_MAX_ARTIFACT_MB: describe(whole.default(100), 'Maximum size of an artifact.'),
    GANTRY_MAX_REPORT_MB: describe(
      whole.default(100),
      'Maximum size of a report. A larger one is kept as a file and not read.',
    ),
  },
  'People and tokens': {
    GANTRY_BOOTSTRAP_TOKEN: describe(
      z.string().min(16, 'at least 16 characters').optional(),
      'The first admin token, at least 16 characters.',
      'made at the first start',
    ),
    GANTRY_SESSION_DAYS: describe(
      whole.refine(isPeriod(365), '1 to 365').default(30),
      'Days after which a session ends.',
    ),
    GANTRY_SESSION_IDLE_HOURS: describe(
      whole.refine(isPeriod(365 * 24), '1 to 8760').default(168),
      'Hours without a request after which a session ends.',
    ),
    GANTRY_REAUTHENTICATION_MINUTES: describe(
      whole.refine(isPeriod(365 * 24 * 60), '1 to 525600').default(15),
      'Minutes after a sign-in in which a browser may do what is dangerous: [people.md](people.md).',
    ),
    GANTRY_SECURE_COOKIES: describe(
      flag.default(false),
      "`1` behind TLS: the session's cookie is `Secure` and named `__Host-…`.",
      '`0`',
    ),
    GANTRY_OIDC: describe(
      z
        .string()
        .transform((text, context) => parseProviders(text, context))
        .optional(),
      'Identity providers, a JSON list: [people.md](people.md).',
    ),
    NEXTAUTH_URL: describe(
      z
        .url({ protocol: /^https?$/, error: 'a URL such as https://gantry.example.com' })
        .refine((url) => new URL(url).pathname === '/', 'a URL without a path')
        .optional(),
      'Address under which browsers reach Gantry, for identity providers.',
      'that of the request',
    ),
  },
  'Outgoing calls': {
    ...outgoingVariables,
    GANTRY_ALLOW_PRIVATE_ADDRESSES: describe(
      flag.default(false),
      '`1`: allow kubeconfigs from the API at loopback or link-local addresses, and webhooks to private ones.',
      '`0`',
    ),
  },
  Telemetry: telemetryEnvironment,
} as const;

/** The environment of a control plane. An empty variable counts as not set. */
export const environment = z.object({
  ...settingSections.Server,
  ...settingSections.Data,
  ...settingSections['Suites and secrets'],
  ...settingSections.Backends,
  ...settingSections.Limits,
  ...settingSections['People and tokens'],
  ...settingSections['Outgoing calls'],
  ...settingSections.Telemetry,
  NODE_ENV: z.string().default('production'),
});

export type Settings = z.infer<typeof environment>;
