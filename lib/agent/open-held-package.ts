import { AppError } from '../model/errors';
import type { StepJob } from '../model/job';
import type { ControlPlane } from './control-plane';

/**
 * Opens a package through one of the jobs that this agent holds, the newest first. A job may have ended on the control
 * plane, or been lost, and be held here for a moment more: then the next one that has the package is asked.
 */
export async function openHeldPackage(
  plane: Pick<ControlPlane, 'openPackage'>,
  held: readonly { job: StepJob }[],
  digest: string,
): Promise<AsyncIterable<Uint8Array>> {
  let refusal: unknown = new AppError('not_found', `no step of this agent has the package ${digest}`);
  for (const { job } of held.toReversed()) {
    if (job.spec.node.packageDigest !== digest) continue;
    try {
      return await plane.openPackage(job);
    } catch (error) {
      if (!isOver(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function isOver(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'stale_fence' || error.code === 'not_found');
}
