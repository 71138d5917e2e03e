import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { RemovalReceipt } from '../../model/receipt';
import type { OnRemoved } from '../backend';
import { labelNames } from '../labels';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';

type Kind = 'container' | 'network' | 'volume';

interface Found {
  kind: Kind;
  /** What it is removed by. */
  id: string;
  name: string;
  key: string;
  createdAt: number;
}

const limitMs = 60_000;
const parallel = 4;
const retryMs = { first: 100, most: 2_000 };

/**
 * Removes what carries both labels: containers (newest first), then networks, then volumes, again while something is
 * in use. `known` are the keys of what this process made, to be counted even if somebody else has removed it.
 */
export async function removeEnvironment(
  { clock, daemon }: { clock: Clock; daemon: Daemon },
  {
    installation,
    executionId,
    known,
  }: { installation: string; executionId: string; known: ReadonlySet<string> },
  onRemoved?: OnRemoved,
): Promise<RemovalReceipt> {
  const seen = new Set(known);
  const failures = new Map<string, string>();
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (let pauseMs = retryMs.first; ; pauseMs = Math.min(retryMs.most, 2 * pauseMs)) {
    const found = await listResources(daemon, installation, executionId);
    for (const each of found) seen.add(each.key);
    if (found.length === 0) return { created: seen.size, removed: seen.size, left: [] };
    if (clock.monotonicMs() >= deadlineMs) {
      const left = found.map((each) => ({
        kind: each.kind,
        name: each.name,
        reason: failures.get(each.key) ?? `it is still there after ${limitMs / 1000} s`,
      }));
      return { created: seen.size, removed: seen.size - left.length, left };
    }
    failures.clear();
    for (const kind of ['container', 'network', 'volume'] as const) {
      const ofKind = found.filter((each) => each.kind === kind).sort((a, b) => b.createdAt - a.createdAt);
      await inParallel(ofKind, async (each) => {
        const failure = await remove(daemon, each);
        if (failure) failures.set(each.key, failure);
        else onRemoved?.({ kind: each.kind, name: each.name });
      });
    }
    if (failures.size > 0) await clock.sleep(pauseMs);
  }
}

export function resourceKey(kind: Kind, id: string): string {
  return `${kind}:${id}`;
}

async function listResources(daemon: Daemon, installation: string, executionId: string): Promise<Found[]> {
  const label = [`${labelNames.installation}=${installation}`, `${labelNames.execution}=${executionId}`];
  const [containers, networks, volumes] = await Promise.all([
    daemon.call('list its containers', quickMs, (docker, abortSignal) =>
      docker.listContainers({ all: true, filters: { label }, abortSignal }),
    ),
    daemon.call('list its networks', quickMs, (docker, abortSignal) =>
      docker.listNetworks({ filters: { label }, abortSignal }),
    ),
    daemon.call('list its volumes', quickMs, (docker, abortSignal) =>
      docker.listVolumes({ filters: { label }, abortSignal }),
    ),
  ]);
  return [
    ...containers.map((each) => ({
      kind: 'container' as const,
      id: each.Id,
      key: resourceKey('container', each.Id),
      name: each.Names[0]?.replace(/^\//, '') ?? each.Id,
      createdAt: each.Created,
    })),
    ...networks.map((each) => ({
      kind: 'network' as const,
      id: each.Id,
      key: resourceKey('network', each.Name),
      name: each.Name,
      createdAt: 0,
    })),
    ...volumes.Volumes.map((each) => ({
      kind: 'volume' as const,
      id: each.Name,
      key: resourceKey('volume', each.Name),
      name: each.Name,
      createdAt: 0,
    })),
  ];
}

/** Null when it is gone; else why it is not. */
async function remove(daemon: Daemon, { kind, id, name }: Found): Promise<string | null> {
  try {
    await daemon.call(`remove the ${kind} ${name}`, slowMs, (docker) => {
      if (kind === 'container') return docker.getContainer(id).remove({ force: true, v: true });
      if (kind === 'network') return docker.getNetwork(id).remove();
      return docker.getVolume(id).remove();
    });
    return null;
  } catch (error) {
    return refusalStatus(error) === 404 ? null : messageOf(error);
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
}
