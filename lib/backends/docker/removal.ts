import { z } from 'zod';
import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { RemovalReceipt } from '../../model/receipt';
import type { OnRemoved } from '../backend';
import { attemptMadeAhead, labelNames } from '../labels';
import { type Daemon, refusalStatus, slowMs } from './daemon';
import { type ListedContainer, listContainers, listNetworks, listVolumes } from './listings';

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
        const further = failure && kind === 'network' ? await detachWhatIsGone(daemon, each.id) : null;
        if (failure) failures.set(each.key, further ? `${failure}; ${further}` : failure);
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
    listContainers(daemon, { label }),
    listNetworks(daemon, { label }),
    listVolumes(daemon, { label }),
  ]);
  return [
    ...containers.map((each) => ({
      kind: 'container' as const,
      id: each.Id,
      key: resourceKey('container', each.Id),
      name: nameInRows(each),
      createdAt: each.Created,
    })),
    ...networks.map((each) => ({
      kind: 'network' as const,
      id: each.Id,
      key: resourceKey('network', each.Name),
      name: each.Name,
      createdAt: 0,
    })),
    ...volumes.map((each) => ({
      kind: 'volume' as const,
      id: each.Name,
      key: resourceKey('volume', each.Name),
      name: each.Name,
      createdAt: 0,
    })),
  ];
}

/** As its rows have it, also where it was made ahead and not released. */
function nameInRows({ Id, Names, Labels }: ListedContainer): string {
  const name = Names[0]?.replace(/^\//, '') ?? Id;
  return attemptMadeAhead(name, Labels) ?? name;
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

/**
 * Docker can keep the endpoint of a container that is gone, and then refuses to remove the network for good ("has
 * active endpoints"). Such an endpoint is given up by its name; a container that is there keeps its own. Null, or why that could not be done.
 */
async function detachWhatIsGone(daemon: Daemon, network: string): Promise<string | null> {
  try {
    const inspected = await daemon.call('look at a network', slowMs, (docker) =>
      docker.getNetwork(network).inspect(),
    );
    for (const [container, { Name: name }] of Object.entries(attachedTo.parse(inspected).Containers ?? {})) {
      if (await isThere(daemon, container)) continue;
      await daemon.call(`detach ${name} from a network`, slowMs, (docker) =>
        docker.getNetwork(network).disconnect({ Container: name, Force: true }),
      );
    }
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const attachedTo = z.object({
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});

async function isThere(daemon: Daemon, container: string): Promise<boolean> {
  try {
    await daemon.call('look at a container', slowMs, (docker) => docker.getContainer(container).inspect());
    return true;
  } catch (error) {
    if (refusalStatus(error) === 404) return false;
    throw error;
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
}
