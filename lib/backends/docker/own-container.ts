import { AppError } from '../../model/errors';
import { labelNames } from '../labels';
import { type ContainerDetails, inspectContainer } from './containers';
import type { Daemon } from './daemon';
import { listContainers } from './listings';

export interface OwnContainer {
  installation: string;
  executionId: string;
  /** Its name. */
  container: string;
}

/**
 * Looks the name up among the containers of the execution, so that a name from outside is never a part of a call.
 * Rejects with `not_found` also when a container of that name is there and not this execution's.
 */
export async function findOwnContainer(
  daemon: Daemon,
  { installation, executionId, container }: OwnContainer,
): Promise<ContainerDetails> {
  const label = [`${labelNames.installation}=${installation}`, `${labelNames.execution}=${executionId}`];
  const all = await listContainers(daemon, { label });
  const named = all.find(({ Names }) => Names.some((name) => name === container || name === `/${container}`));
  const found = named && (await inspectContainer(daemon, named.Id));
  if (!found)
    throw new AppError('not_found', `The environment ${executionId} has no container ${container}.`);
  return found;
}
