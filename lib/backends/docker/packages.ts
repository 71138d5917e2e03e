import { Readable } from 'node:stream';
import type { ContainerCreateOptions } from 'dockerode';
import type { Clock } from '../../clock';
import { AppError, messageOf } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { OpenPackage, ResourceLedger } from '../backend';
import { defaultImage, packageFolder } from '../container-facts';
import { environmentName, labelNames } from '../labels';
import { createContainer, inspectContainer, whileNameIsTaken } from './containers';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';

export interface Packages {
  /** The name of the volume that holds the step's package, complete. The step's image must be there. */
  ensure(step: StepSpec, owner: string | null): Promise<string>;
  forget(executionId: string): void;
}

/** A volume per execution and package, filled once, however many steps start at the same time. */
export function createPackages(
  {
    clock,
    daemon,
    openPackage,
    ledger,
  }: { clock: Clock; daemon: Daemon; openPackage: OpenPackage; ledger: ResourceLedger },
  installation: string,
  onCreated: (executionId: string, kind: 'volume', name: string) => void,
): Packages {
  const filled = new Map<string, Promise<string>>();

  async function ensure(step: StepSpec, owner: string | null): Promise<string> {
    const digest = step.node.packageDigest;
    const volume = `${environmentName(step.executionId)}-package-${digest.replace(/^sha256:/, '').slice(0, 16)}`;
    if (await isMounted(volume)) return volume;
    const filler = `${volume}-filler`;
    await ledger.intend(step.executionId, [
      { kind: 'volume', name: volume, stepId: null, attempt: null },
      { kind: 'container', name: filler, stepId: null, attempt: null },
    ]);
    const labels = {
      [labelNames.installation]: installation,
      [labelNames.execution]: step.executionId,
      [labelNames.suite]: step.suite.id,
      [labelNames.profile]: step.profile,
      ...(owner === null ? {} : { [labelNames.owner]: owner }),
      [labelNames.deadline]: step.deadline,
    };
    const made = await daemon.call(`make the volume ${volume}`, quickMs, (docker) =>
      docker
        .createVolume({ Name: volume, Driver: 'local', Labels: labels })
        // Creating one that is there succeeds and changes nothing: the labels tell whose it is.
        .then((created) => created.inspect()),
    );
    if (made.Labels?.[labelNames.installation] !== installation) {
      throw new AppError(
        'backend_failed',
        `A volume called ${volume} is there that is not ours; it was left alone. Rename or remove it.`,
      );
    }
    onCreated(step.executionId, 'volume', volume);
    await fill(volume, filler, step.node.image ?? defaultImage, labels, digest);
    ledger.removed(step.executionId, 'container', filler);
    return volume;
  }

  /**
   * Steps' containers are made only after the volume was filled. One that none of them mounts may be what a
   * killed process left half filled: it is filled again.
   */
  async function isMounted(volume: string): Promise<boolean> {
    const containers = await daemon.call('list its containers', quickMs, (docker, abortSignal) =>
      docker.listContainers({
        all: true,
        filters: { volume: [volume], label: [`${labelNames.installation}=${installation}`, labelNames.step] },
        abortSignal,
      }),
    );
    return containers.length > 0;
  }

  /** Through a container that is never started: Docker copies into volumes only by way of one. */
  async function fill(
    volume: string,
    name: string,
    image: string,
    labels: Record<string, string>,
    digest: string,
  ) {
    const config: ContainerCreateOptions = {
      Image: image,
      Entrypoint: ['gantry-package'],
      Cmd: [],
      Labels: labels,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [
          {
            Type: 'volume',
            Source: volume,
            Target: packageFolder,
            VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
          },
        ],
      },
    };
    const container = await whileNameIsTaken({ clock }, undefined, async () => {
      await removeOldFiller(name);
      return createContainer(daemon, name, config);
    });
    try {
      const content = await openPackage(digest).catch((error: unknown) => {
        throw new AppError('backend_failed', `The package ${digest} cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      });
      await daemon.call(`copy the package into ${volume}`, slowMs, (docker, abortSignal) =>
        docker
          .getContainer(container)
          .putArchive(Readable.from(content, { objectMode: false }), { path: packageFolder, abortSignal }),
      );
    } finally {
      await removeFiller(container);
    }
  }

  /** What a killed process left. Rejects when the name is somebody else's. */
  async function removeOldFiller(name: string): Promise<void> {
    const found = await inspectContainer(daemon, name);
    if (!found) return;
    if (found.Config.Labels?.[labelNames.installation] !== installation) {
      throw new AppError(
        'backend_failed',
        `A container called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
      );
    }
    await removeFiller(found.Id);
  }

  async function removeFiller(name: string): Promise<void> {
    await daemon
      .call(`remove the container ${name}`, slowMs, (docker) =>
        docker.getContainer(name).remove({ force: true }),
      )
      .catch((error: unknown) => {
        if (refusalStatus(error) !== 404) throw error;
      });
  }

  return {
    ensure(step, owner) {
      const key = `${step.executionId} ${step.node.packageDigest}`;
      const known = filled.get(key);
      if (known) return known;
      const filling = ensure(step, owner);
      filled.set(key, filling);
      filling.catch(() => filled.delete(key));
      return filling;
    },
    forget(executionId) {
      for (const key of filled.keys()) if (key.startsWith(`${executionId} `)) filled.delete(key);
    },
  };
}
