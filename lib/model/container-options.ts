import { z } from 'zod';

/** The limits of a process that a step may set: none of them gives it more of the machine's time than others have. */
export const ulimitNames = [
  ...(['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nofile', 'nproc', 'rss'] as const),
  ...(['sigpending', 'stack'] as const),
] as const;

/** The settings of the kernel that every pod of Kubernetes may have without being allowed to. */
export const podSysctls = [
  ...(['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies'] as const),
  ...(['net.ipv4.ping_group_range'] as const),
] as const;

/** The settings of the kernel that a step may have: each container has its own, and none reaches beyond it. */
export const safeSysctls = [
  ...podSysctls,
  ...(['net.ipv4.ip_unprivileged_port_start', 'net.core.somaxconn'] as const),
  ...(['net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_fin_timeout'] as const),
  ...(['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl'] as const),
  ...(['net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_tw_reuse'] as const),
  ...(['kernel.msgmax', 'kernel.msgmnb', 'kernel.sem', 'kernel.shmall', 'kernel.shmmax'] as const),
] as const;

/** Options of a step's container beyond its program. Null: the image's own value. */
export const containerOptions = z.object({
  /** Arguments for the image's entry point, in the place of its command. */
  args: z.array(z.string()).nullable().default(null),
  /** The argv in the place of the image's entry point; its command then does not count. */
  entrypoint: z.array(z.string()).nullable().default(null),
  /** A user's name or number, with or without a group: `1000:1000`. */
  user: z.string().nullable().default(null),
  /** The signal that asks its program to end. */
  stopSignal: z.string().nullable().default(null),
  /** False: the image's program is the container's first process itself. */
  init: z.boolean().default(true),
  /** Files and folders of the package, by where they are in the container. */
  files: z
    .array(
      z.object({
        /** Absolute. */
        path: z.string(),
        /** In the package: a file, or a folder with all that is in it. */
        from: z.string(),
        /** Permission bits of its files; null: as in the package. */
        mode: z.int().nullable(),
      }),
    )
    .default([]),
  /** Volumes of the execution, by where they are in the container. */
  volumes: z
    .array(
      z.object({
        /** Absolute. */
        path: z.string(),
        /** Unique in the execution: with the aliases of nested suites before it, as the ids of steps. */
        name: z.string(),
        readOnly: z.boolean(),
      }),
    )
    .default([]),
  /** Absolute paths. */
  tmpfs: z.array(z.string()).default([]),
  /** The size of /dev/shm. */
  shmBytes: z.int().nullable().default(null),
  hostname: z.string().nullable().default(null),
  /** Addresses by the names that lead to them. */
  extraHosts: z.record(z.string(), z.string()).default({}),
  /** The file system of the image cannot be written. */
  readOnly: z.boolean().default(false),
  /** By the name of the limit; -1: none. */
  ulimits: z.record(z.string(), z.object({ soft: z.int(), hard: z.int() })).default({}),
  sysctls: z.record(z.string(), z.string()).default({}),
  /** Keys of the profile's secrets that are files below /run/secrets and no variables. */
  secretFiles: z.array(z.string()).default([]),
  /** The step's own, in the place of the image's. */
  healthCheck: z
    .object({
      argv: z.array(z.string()).min(1),
      intervalMs: z.int(),
      timeoutMs: z.int(),
      retries: z.int(),
      startPeriodMs: z.int(),
    })
    .nullable()
    .default(null),
  /** Further names by which the steps of its suite reach it. */
  aliases: z.array(z.string()).default([]),
  /** How many of the machine's graphics processors it gets. */
  gpus: z
    .union([z.int(), z.literal('all')])
    .nullable()
    .default(null),
  /** Of the image, such as `linux/amd64`. Null: the engine's own. */
  platform: z.string().nullable().default(null),
});
export type ContainerOptions = z.infer<typeof containerOptions>;

/** The options of a step that says nothing about its container. */
export const noContainerOptions: ContainerOptions = containerOptions.parse({});

/** The keys of `suite.yaml` behind the options. */
export const containerKeyNames: Record<keyof ContainerOptions, string> = {
  args: 'args',
  entrypoint: 'entrypoint',
  user: 'user',
  stopSignal: 'stop_signal',
  init: 'init',
  files: 'files',
  volumes: 'volumes',
  tmpfs: 'tmpfs',
  shmBytes: 'shm_size',
  hostname: 'hostname',
  extraHosts: 'extra_hosts',
  readOnly: 'read_only',
  ulimits: 'ulimits',
  sysctls: 'sysctls',
  platform: 'platform',
  secretFiles: 'secret_files',
  healthCheck: 'healthcheck',
  aliases: 'aliases',
  gpus: 'gpus',
};

/** The keys of `suite.yaml` that a step uses of these, for a backend that cannot do what they say. */
export function usedContainerKeys(options: ContainerOptions): string[] {
  const names = Object.keys(containerKeyNames) as (keyof ContainerOptions)[];
  return names
    .filter((name) => JSON.stringify(options[name]) !== JSON.stringify(noContainerOptions[name]))
    .map((name) => containerKeyNames[name]);
}
