import { environmentName, labelNames } from '../labels';
import { refusalStatus } from './cluster-errors';
import type { EnvironmentContext } from './environment-context';
import { keyOf } from './names';

/** Moves the deadline that stands on the execution's namespace, or on the Secret that owns all of it. */
export async function renewEnvironment(
  { cluster, settings: { namespace } }: EnvironmentContext,
  executionId: string,
  until: string,
): Promise<void> {
  const name = environmentName(executionId);
  const path =
    namespace === null ? `/api/v1/namespaces/${name}` : `/api/v1/namespaces/${namespace}/secrets/${name}`;
  try {
    await cluster.request('renew a deadline', path, {
      method: 'PATCH',
      body: { metadata: { annotations: { [keyOf(labelNames.deadline)]: until } } },
    });
  } catch (error) {
    // Nothing is left that could be removed too early.
    if (refusalStatus(error) !== 404) throw error;
  }
}
