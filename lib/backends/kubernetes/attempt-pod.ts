import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import { labelNames } from '../labels';
import { type Cluster, quickMs } from './cluster';
import { refusalStatus, retryRequest } from './cluster-errors';
import { keyOf, podName } from './names';
import { type Pod, pod } from './objects';

/** How long a step waits for an API server that is away. */
export const retryLimitMs = 60_000;

/** The pod of the attempt; null when there is none. Rejects when the name belongs to somebody else's. */
export async function findAttemptPod(
  { clock, cluster }: { clock: Clock; cluster: Cluster },
  namespace: string,
  installation: string,
  step: StepSpec,
  signal: AbortSignal,
): Promise<Pod | null> {
  const name = podName(step);
  const found = await retryRequest({ clock }, retryLimitMs, signal, () => getPod(cluster, namespace, name));
  return found && ownPod(found, installation, step);
}

/** The same pod. Throws when it is somebody else's of that name. */
export function ownPod(found: Pod, installation: string, step: StepSpec): Pod {
  if (isPodOf(found, installation, step)) return found;
  const { name, namespace } = found.metadata;
  throw new AppError(
    'backend_failed',
    `A pod called ${name} is in the namespace ${namespace} that is not ours; it was left alone. Rename or remove it.`,
  );
}

/** Null when it is not there. */
export async function getPod(cluster: Cluster, namespace: string, name: string): Promise<Pod | null> {
  try {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    return pod.parse(await cluster.request(`look at the pod ${name}`, path));
  } catch (error) {
    if (refusalStatus(error) === 404) return null;
    throw error;
  }
}

/**
 * Deletes the pod. One that has ended goes at once; else its containers get the time that is left to end. `now` does
 * not wait for the node to agree.
 */
export async function deletePod(
  cluster: Cluster,
  namespace: string,
  name: string,
  graceSeconds: number,
): Promise<void> {
  try {
    await cluster.request(`delete the pod ${name}`, `/api/v1/namespaces/${namespace}/pods/${name}`, {
      method: 'DELETE',
      query: { gracePeriodSeconds: graceSeconds },
      limitMs: quickMs,
    });
  } catch (error) {
    if (refusalStatus(error) !== 404) throw error;
  }
}

function isPodOf(found: Pod, installation: string, step: StepSpec): boolean {
  const { annotations } = found.metadata;
  return (
    annotations[keyOf(labelNames.installation)] === installation &&
    annotations[keyOf(labelNames.execution)] === step.executionId &&
    annotations[keyOf(labelNames.step)] === step.stepId &&
    annotations[keyOf(labelNames.attempt)] === String(step.attempt)
  );
}
