import type { ContainerOptions } from '../../model/container-options';
import { AppError, messageOf } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage } from '../backend';
import { packageFolder } from '../container-facts';
import { environmentName, volumeName } from '../labels';
import { packStepInit, stepInitFolder, stepInitFor } from '../step-init/step-init';
import { type Daemon, quickMs } from './daemon';
import type { FilledVolume, FilledVolumes } from './filled-volumes';

type MountedVolume = ContainerOptions['volumes'][number];

/** The names of the volumes that a step's container mounts. */
export interface StepVolumes {
  package: string;
  /** With the program `step-init`; null where the image's own command runs, or on an engine that cannot run it. */
  stepInit: string | null;
}

/** Makes and fills what the step's container mounts. */
export async function provideVolumes(
  { daemon, openPackage, volumes }: { daemon: Daemon; openPackage: OpenPackage; volumes: FilledVolumes },
  step: StepSpec,
  owner: string | null,
): Promise<StepVolumes> {
  const { architecture } = await daemon.engine(quickMs);
  const files = packageVolume(step, openPackage);
  const stepInit = step.node.command ? stepInitVolume(step, architecture) : null;
  const shared = step.node.container.volumes.map((volume) => sharedVolume(step, volume));
  const needed = stepInit ? [files, stepInit, ...shared] : [files, ...shared];
  // One that fails is told of only when the others are through: the environment may be closed then.
  const filled = await Promise.allSettled(needed.map((volume) => volumes.ensure(step, owner, volume)));
  for (const each of filled) if (each.status === 'rejected') throw each.reason;
  return { package: files.name, stepInit: stepInit?.name ?? null };
}

function packageVolume({ executionId, node }: StepSpec, openPackage: OpenPackage): FilledVolume {
  const digest = node.packageDigest;
  return {
    name: `${environmentName(executionId)}-package-${digest.replace(/^sha256:/, '').slice(0, 16)}`,
    folder: packageFolder,
    openContent: () =>
      openPackage(digest).catch((error: unknown) => {
        throw new AppError('backend_failed', `The package ${digest} cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      }),
  };
}

function sharedVolume({ executionId }: StepSpec, { name, path }: MountedVolume): FilledVolume {
  return { name: volumeName(executionId, name), folder: path, openContent: null };
}

function stepInitVolume({ executionId }: StepSpec, architecture: string): FilledVolume | null {
  const program = stepInitFor(architecture);
  if (!program) return null;
  return {
    name: `${environmentName(executionId)}-step-init`,
    folder: stepInitFolder,
    openContent: async () => packStepInit(program),
  };
}
