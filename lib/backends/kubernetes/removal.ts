import type { Clock } from '../../clock';
import { messageOf } from '../../model/errors';
import type { RemovalReceipt, ResourceKind } from '../../model/receipt';
import type { OnRemoved } from '../backend';
import { deletePod } from './attempt-pod';
import type { Cluster } from './cluster';
import { refusalStatus } from './cluster-errors';
import type { PlainObject, Pod } from './objects';
import {
  listOwnedResources,
  type OwnedResource,
  type OwnedResources,
  type ResourceScope,
} from './owned-resources';
import { endPod } from './signals';

const limitMs = 60_000;
const pauseMs = { first: 100, most: 1_000 };
/** From the order to end to the kubelet's word that all has ended; then the pod is deleted whatever runs. */
const endLimitMs = 5_000;

/**
 * Removes what belongs to the execution: pods first, then all else, at last the namespace, again while something is
 * there. `known` are the keys of what this process made, to be counted even if somebody else has removed it.
 */
export async function removeEnvironment(
  context: { clock: Clock; cluster: Cluster },
  place: ResourceScope,
  known: ReadonlySet<string>,
  onRemoved?: OnRemoved,
): Promise<RemovalReceipt> {
  const { clock, cluster } = context;
  const seen = new Set(known);
  const failures = new Map<string, string>();
  const told = new Map<string, number>();
  const startMs = clock.monotonicMs();
  let before = new Map<string, Resource>();
  for (let wait = pauseMs.first; ; wait = Math.min(pauseMs.most, 1.5 * wait)) {
    const found = await listOwnedResources(cluster, place);
    const present = resourcesOf(found);
    for (const key of present.keys()) seen.add(key);
    for (const [key, resource] of before) if (!present.has(key)) onRemoved?.(resource);
    if (present.size === 0 && found.others.length === 0)
      return { created: seen.size, removed: seen.size, left: [] };
    if (clock.monotonicMs() - startMs >= limitMs) {
      const left = [...present].map(([key, { kind, name }]) => ({
        kind,
        name,
        reason: failures.get(key) ?? whatHolds(found, kind, name),
      }));
      return { created: seen.size, removed: seen.size - left.length, left };
    }
    before = present;
    failures.clear();
    const attempt = async (key: string, run: () => Promise<unknown>) => {
      await run().catch((error: unknown) => {
        if (refusalStatus(error) !== 404) failures.set(key, messageOf(error));
      });
    };
    await Promise.all(
      found.pods.map((pod) => attempt(keyOf('pod', pod.metadata.name), () => removePod(context, pod, told))),
    );
    if (found.pods.length === 0) await removeOthers(cluster, found, attempt);
    await clock.sleep(wait);
  }
}

interface Resource {
  kind: ResourceKind;
  name: string;
}

export function keyOf(kind: ResourceKind, name: string): string {
  return `${kind}:${name}`;
}

/** A network policy is no resource of its own to people. */
function resourcesOf({ pods, others, namespace }: OwnedResources): Map<string, Resource> {
  const all = [
    ...pods.map(({ metadata }) => ({ kind: 'pod' as const, name: metadata.name })),
    ...others.flatMap(({ kind, name }) => (kind === 'network policy' ? [] : [{ kind, name }])),
    ...(namespace ? [{ kind: 'namespace' as const, name: namespace.metadata.name }] : []),
  ];
  return new Map(all.map((each) => [keyOf(each.kind, each.name), each]));
}

/**
 * A pod that has ended by itself goes at once. One that runs is ended first, for a kubelet takes its time to agree to
 * the deletion of one that runs.
 */
async function removePod(
  context: { clock: Clock; cluster: Cluster },
  pod: Pod,
  told: Map<string, number>,
): Promise<void> {
  const { clock, cluster } = context;
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const { phase, containerStatuses } = pod.status;
  const isOver = phase === 'Succeeded' || phase === 'Failed' || pod.spec.nodeName === undefined;
  const runs = containerStatuses.some(({ state }) => state.running);
  const toldMs = told.get(uid);
  if (isOver || (toldMs !== undefined && !runs)) return deletePod(cluster, namespace, name, 0);
  if (toldMs === undefined) {
    told.set(uid, clock.monotonicMs());
    if (!runs) return deletePod(cluster, namespace, name, 1);
    await endPod(context, pod).catch(() => deletePod(cluster, namespace, name, 1));
  } else if (deletionTimestamp == null && clock.monotonicMs() - toldMs > endLimitMs) {
    await deletePod(cluster, namespace, name, 1);
  }
}

/** A namespace takes all with it; in a shared one each goes by itself. */
async function removeOthers(
  cluster: Cluster,
  { others, namespace }: OwnedResources,
  attempt: (key: string, run: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  if (namespace?.metadata.deletionTimestamp != null) return;
  const doomed: OwnedResource[] = namespace
    ? [
        {
          kind: 'namespace',
          name: namespace.metadata.name,
          path: `/api/v1/namespaces/${namespace.metadata.name}`,
        },
      ]
    : others;
  await Promise.all(
    doomed.map(({ kind, name, path }) =>
      attempt(`${kind}:${name}`, () =>
        cluster.request(`delete the ${kind} ${name}`, path, { method: 'DELETE' }),
      ),
    ),
  );
}

function whatHolds({ pods, namespace }: OwnedResources, kind: ResourceKind, name: string): string {
  const pod = kind === 'pod' ? pods.find(({ metadata }) => metadata.name === name) : null;
  if (pod) return `its node ${pod.spec.nodeName ?? ''} has not ended it within ${limitMs / 1000} s`;
  const condition = namespaceHolds(namespace);
  return condition ?? `it is still there after ${limitMs / 1000} s`;
}

/** A namespace that is being deleted says itself what keeps it. */
function namespaceHolds(namespace: PlainObject | null): string | null {
  const holding = (namespace?.status.conditions ?? []).filter(({ status }) => status === 'True');
  return holding.length === 0 ? null : holding.map(({ message, reason }) => message || reason).join(' ');
}
