import { z } from 'zod';

/** What a Compose file may say, in short and long forms alike. Extensions (`x-…`) are taken away before. */
const text = z.string('expected text');
const bool = z.boolean('expected true or false');
/** Every number of Go: infinities too, and whole ones that JavaScript cannot hold. */
const number = z.custom<number | bigint>(
  (value) => typeof value === 'number' || typeof value === 'bigint',
  'expected a number',
);
const scalar = z.union([z.string(), number, z.boolean()], 'expected text or a number');
const textOrNumber = z.union([z.string(), number], 'expected text or a number');
const texts = z.array(text, 'expected a list of texts');
const textOrList = z.union([text, texts], 'expected text or a list of texts');
const command = z.union([text, z.array(text), z.null()], 'expected a command: text, or a list of texts');
const variables = z
  .union(
    [z.array(text), z.record(z.string(), scalar.nullable())],
    'expected a mapping, or a list of KEY=value',
  )
  .nullable();
const options = z.record(z.string(), textOrNumber.nullable()).nullable();
const duration = text.regex(
  /^(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+)$/,
  'expected a duration such as 90s or 1m30s',
);
const bytes = z.union(
  [z.number(), z.string().regex(/^-?\d+(?:\.\d+)? ?[kmgtp]?i?b?$/i)],
  'expected an amount of memory such as 64m or 1gb',
);

const healthcheck = z.strictObject({
  disable: bool.optional(),
  test: textOrList.optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  start_interval: duration.optional(),
  retries: number.optional(),
});

const dependency = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']).optional(),
  required: bool.optional(),
  restart: bool.optional(),
});

const build = z.union([
  text,
  z.strictObject({
    ...Object.fromEntries(
      ['context', 'dockerfile', 'dockerfile_inline', 'target', 'network', 'isolation'].map((key) => [
        key,
        text.optional(),
      ]),
    ),
    ...Object.fromEntries(
      ['args', 'labels', 'additional_contexts', 'extra_hosts', 'ulimits', 'ssh', 'secrets'].map((key) => [
        key,
        z.unknown().optional(),
      ]),
    ),
    ...Object.fromEntries(
      ['cache_from', 'cache_to', 'entitlements', 'platforms', 'tags'].map((key) => [key, texts.optional()]),
    ),
    ...Object.fromEntries(['no_cache', 'pull', 'privileged'].map((key) => [key, bool.optional()])),
    shm_size: bytes.optional(),
    provenance: z.unknown().optional(),
    sbom: z.unknown().optional(),
  }),
]);

const port = z.union(
  [
    textOrNumber,
    z.strictObject({
      ...Object.fromEntries(
        ['name', 'mode', 'host_ip', 'protocol', 'app_protocol'].map((key) => [key, text.optional()]),
      ),
      target: number,
      published: textOrNumber.optional(),
    }),
  ],
  'expected a port such as 80 or "8080:80", or {target, published, protocol}',
);

const mount = z.union(
  [
    text,
    z.strictObject({
      type: z.enum(['bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image']),
      source: text.optional(),
      target: text.optional(),
      read_only: bool.optional(),
      consistency: text.optional(),
      bind: z
        .strictObject({
          propagation: text.optional(),
          create_host_path: bool.optional(),
          selinux: text.optional(),
          recursive: text.optional(),
        })
        .optional(),
      volume: z
        .strictObject({ labels: variables.optional(), nocopy: bool.optional(), subpath: text.optional() })
        .optional(),
      tmpfs: z.strictObject({ size: bytes.optional(), mode: number.optional() }).optional(),
      image: z.strictObject({ subpath: text.optional() }).optional(),
    }),
  ],
  'expected a mount such as "./data:/data", or {type, source, target}',
);

const fileReference = z.union([
  text,
  z.strictObject({
    source: text,
    target: text.optional(),
    uid: text.optional(),
    gid: text.optional(),
    mode: textOrNumber.optional(),
  }),
]);

const envFile = z.union([
  text,
  z.array(
    z.union([text, z.strictObject({ path: text, required: bool.optional(), format: text.optional() })]),
  ),
]);

const networkOfService = z
  .strictObject({
    aliases: texts.optional(),
    driver_opts: options.optional(),
    gw_priority: number.optional(),
    interface_name: text.optional(),
    ipv4_address: text.optional(),
    ipv6_address: text.optional(),
    link_local_ips: texts.optional(),
    mac_address: text.optional(),
    priority: number.optional(),
  })
  .nullable();

const limits = z.strictObject({
  cpus: textOrNumber.optional(),
  memory: bytes.optional(),
  pids: number.optional(),
  devices: z.unknown().optional(),
  generic_resources: z.unknown().optional(),
});

const deploy = z.strictObject({
  mode: text.optional(),
  endpoint_mode: text.optional(),
  replicas: number.optional(),
  labels: variables.optional(),
  resources: z.strictObject({ limits: limits.optional(), reservations: limits.optional() }).optional(),
  ...Object.fromEntries(
    ['update_config', 'rollback_config', 'restart_policy', 'placement'].map((key) => [
      key,
      z.record(z.string(), z.unknown()).optional(),
    ]),
  ),
});

const ulimit = z.union(
  [number, z.strictObject({ soft: number, hard: number })],
  'expected a whole number, or {soft, hard}',
);

function keys(names: string, schema: z.ZodType): Record<string, z.ZodType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, schema.optional()]));
}

const service = z.strictObject({
  ...keys(
    'image container_name hostname domainname user working_dir platform pull_policy stop_signal cgroup cgroup_parent ' +
      'cpuset ipc isolation mac_address network_mode pid restart runtime userns_mode uts volume_driver',
    text,
  ),
  ...keys('init oom_kill_disable privileged read_only stdin_open tty attach use_api_socket', bool),
  ...keys(
    'cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus',
    textOrNumber,
  ),
  ...keys('mem_swappiness oom_score_adj pids_limit scale', textOrNumber),
  ...keys('mem_limit mem_reservation memswap_limit shm_size', bytes),
  ...keys(
    'cap_add cap_drop device_cgroup_rules external_links links profiles security_opt volumes_from',
    texts,
  ),
  ...keys('dns dns_search tmpfs label_file', textOrList),
  ...keys('dns_opt', texts),
  ...keys('group_add expose', z.array(textOrNumber, 'expected a list')),
  ...keys('annotations environment labels sysctls', variables),
  ...keys(
    'extra_hosts',
    z.union([texts, z.record(z.string(), z.union([text, texts]))], 'expected a mapping or a list'),
  ),
  ...keys(
    'blkio_config credential_spec develop gpus models provider post_start pre_stop pre_start',
    z.unknown(),
  ),
  ...keys('devices', z.array(z.unknown())),
  ...keys('storage_opt', z.record(z.string(), z.unknown())),
  build: build.optional(),
  command: command.optional(),
  entrypoint: command.optional(),
  configs: z.array(fileReference).optional(),
  secrets: z.array(fileReference).optional(),
  depends_on: z
    .union([texts, z.record(z.string(), dependency)], 'expected a list or a mapping of services')
    .optional(),
  deploy: deploy.nullable().optional(),
  env_file: envFile.optional(),
  extends: z
    .union(
      [text, z.strictObject({ service: text, file: text.optional() })],
      'expected a service, or {service, file}',
    )
    .optional(),
  healthcheck: healthcheck.optional(),
  logging: z.strictObject({ driver: text.optional(), options: options.optional() }).optional(),
  networks: z
    .union([texts, z.record(z.string(), networkOfService)], 'expected a list or a mapping of networks')
    .optional(),
  ports: z.array(port, 'expected a list of ports').optional(),
  stop_grace_period: duration.optional(),
  ulimits: z.record(z.string(), ulimit).optional(),
  volumes: z.array(mount, 'expected a list of mounts').optional(),
});

const external = z.union([bool, z.strictObject({ name: text.optional() })]).optional();

const resource = {
  name: text.optional(),
  external,
  labels: variables.optional(),
  driver: text.optional(),
  driver_opts: options.optional(),
};

const file = z
  .strictObject({
    ...resource,
    file: text.optional(),
    environment: text.optional(),
    content: text.optional(),
    template_driver: text.optional(),
  })
  .nullable();

const network = z
  .strictObject({
    ...resource,
    ipam: z.record(z.string(), z.unknown()).optional(),
    ...keys('internal attachable enable_ipv4 enable_ipv6', bool),
  })
  .nullable();

const include = z.union([
  text,
  z.strictObject({ path: textOrList, project_directory: text.optional(), env_file: textOrList.optional() }),
]);

/** Describes a Compose file. */
export const composeFile = z.strictObject({
  version: z.unknown().optional(),
  name: text.optional(),
  include: z.array(include, 'expected a list of files to include').optional(),
  services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), service.nullable()).optional(),
  networks: z.record(z.string(), network).nullable().optional(),
  volumes: z.record(z.string(), z.strictObject(resource).nullable()).nullable().optional(),
  configs: z.record(z.string(), file).nullable().optional(),
  secrets: z.record(z.string(), file).nullable().optional(),
  models: z.unknown().optional(),
});
