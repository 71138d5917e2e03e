import type { ContainerInspectInfo } from 'dockerode';
import { AppError } from '../../model/errors';
import { labelNames } from '../labels';
import { inspectContainer } from './containers';
import type { Daemon } from './daemon';

export interface OwnContainer {
  installation: string;
  executionId: string;
  /** Its name. */
  container: string;
}

/** Rejects with `not_found` also when a container of that name is there and not this execution's. */
export async function findOwnContainer(
  daemon: Daemon,
  { installation, executionId, container }: OwnContainer,
): Promise<ContainerInspectInfo> {
  const found = await inspectContainer(daemon, container);
  const labels = found?.Config.Labels ?? {};
  if (
    !found ||
    labels[labelNames.installation] !== installation ||
    labels[labelNames.execution] !== executionId
  ) {
    throw new AppError('not_found', `The environment ${executionId} has no container ${container}.`);
  }
  return found;
}
