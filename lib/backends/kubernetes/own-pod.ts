import { AppError } from '../../model/errors';
import { labelNames } from '../labels';
import { getPod } from './attempt-pod';
import type { Cluster } from './cluster';
import { keyOf } from './names';
import type { Pod } from './objects';

const podNames = /^[a-z0-9][-a-z0-9.]*$/;

export interface OwnPod {
  installation: string;
  executionId: string;
  namespace: string;
  /** Its name. */
  pod: string;
}

/** Rejects with `not_found` when there is none of that name, or it is not this installation's and execution's. */
export async function findOwnPod(
  cluster: Cluster,
  { installation, executionId, namespace, pod }: OwnPod,
): Promise<Pod> {
  // It comes over the API, and must not lead to another path.
  const found = podNames.test(pod) ? await getPod(cluster, namespace, pod) : null;
  const annotations = found?.metadata.annotations ?? {};
  if (
    found &&
    annotations[keyOf(labelNames.installation)] === installation &&
    annotations[keyOf(labelNames.execution)] === executionId
  ) {
    return found;
  }
  throw new AppError('not_found', `There is no pod ${pod} in the environment ${executionId}.`);
}
