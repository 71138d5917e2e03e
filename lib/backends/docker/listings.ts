import { z } from 'zod';
import { type Daemon, quickMs } from './daemon';

/** Filters of the engine's lists, e.g. `{ label: ['key=value'] }`. */
export type ListFilters = Record<string, string[]>;

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const listedContainer = z.object({
  Id: z.string().min(1),
  Names: z.array(z.string()).catch([]),
  Labels: labels,
  Image: z.string().catch(''),
  /** Seconds since the epoch. */
  Created: z.number(),
  State: z.string(),
  /** The engine's sentence, e.g. `Up 3 minutes (healthy)`. */
  Status: z.string().catch(''),
  Ports: z
    .array(z.object({ PrivatePort: z.number() }))
    .nullish()
    .transform((value) => value ?? []),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string().catch('') })).nullish() })
    .nullish(),
});
export type ListedContainer = z.infer<typeof listedContainer>;

const listedNetwork = z.object({
  Id: z.string().min(1),
  Name: z.string(),
  Labels: labels,
  Created: z.string().catch(''),
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
});
export type ListedNetwork = z.infer<typeof listedNetwork>;

const listedVolume = z.object({ Name: z.string().min(1), Labels: labels, CreatedAt: z.string().catch('') });
export type ListedVolume = z.infer<typeof listedVolume>;

const volumeList = z.object({
  Volumes: z
    .array(listedVolume)
    .nullable()
    .transform((value) => value ?? []),
});

/** Running or not. */
export function listContainers(daemon: Daemon, filters: ListFilters): Promise<ListedContainer[]> {
  return daemon.call('list its containers', quickMs, async (docker, abortSignal) =>
    z.array(listedContainer).parse(await docker.listContainers({ all: true, filters, abortSignal })),
  );
}

export function listNetworks(
  daemon: Daemon,
  filters: ListFilters = {},
  limitMs = quickMs,
): Promise<ListedNetwork[]> {
  return daemon.call('list its networks', limitMs, async (docker, abortSignal) =>
    z.array(listedNetwork).parse(await docker.listNetworks({ filters, abortSignal })),
  );
}

export function listVolumes(daemon: Daemon, filters: ListFilters): Promise<ListedVolume[]> {
  return daemon.call('list its volumes', quickMs, async (docker, abortSignal) => {
    const answer: unknown = await docker.listVolumes({ filters, abortSignal });
    return volumeList.parse(answer).Volumes;
  });
}
