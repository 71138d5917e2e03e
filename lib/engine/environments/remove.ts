import type { Backend, OnRemoved } from '../../backends/backend';
import type { RemovalReceipt } from '../../model/receipt';
import type { ResourceName } from '../../store/environment-store';
import type { Store } from '../../store/store';
import { type RetryDependencies, retryStore } from '../retry-store';

export interface RemovalReport {
  /** The backend's own receipt of this removal. */
  found: RemovalReceipt;
  /** Everything that the execution ever made, from the rows. */
  receipt: RemovalReceipt;
}

/**
 * Removes an environment and closes its rows. The backend has looked again after the last removal, so that what it
 * does not call left is not there. Rejects only when the backend cannot be asked, or `stopping` ends.
 */
export async function removeEnvironment(
  deps: RetryDependencies & { store: Pick<Store, 'environments'> },
  backend: Backend,
  executionId: string,
  { by, onRemoved, stopping }: { by: string; onRemoved?: OnRemoved; stopping: AbortSignal },
): Promise<RemovalReport> {
  const removed: ResourceName[] = [];
  const found = await backend.closeEnvironment(executionId, (resource) => {
    removed.push(resource);
    onRemoved?.(resource);
  });
  const receipt = await retryStore(deps, { execution: executionId }, stopping, () =>
    deps.store.environments.settle(backend.id, executionId, { removed, left: found.left, by }),
  );
  // A backend that writes no intents may have counted what its rows do not know.
  const created = Math.max(receipt.created, found.created);
  return { found, receipt: { created, removed: created - receipt.left.length, left: receipt.left } };
}
